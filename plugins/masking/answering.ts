import type { Constants } from "../../core/index.ts"
import type { Description, Row } from "../../core/family/sql/index.ts"

/** What masks the rows of one result. */
export interface RowMask {
  /** Whether no column is masked, nor looked at. */
  readonly isEmpty: boolean
  /** What it puts in the place of every value, by column, where that is the same in every row. */
  readonly constants: Constants | undefined
  mask(row: Row): void
}

/** The plan of the result that is being answered: rows of one result come one after the other. */
export class Answering<E extends object> {
  private readonly plan: (exchange: E, output: Description | Row) => RowMask | undefined
  private exchange: E | undefined
  private columns: Row["columns"] | undefined
  private result = -1
  private current: RowMask | undefined

  /** `plan` makes one for a result, or none where nothing of it is masked. */
  constructor(plan: (exchange: E, output: Description | Row) => RowMask | undefined) {
    this.plan = plan
  }

  /** The plan that a row, or the description of rows, comes under. Throws for what nobody asked for. */
  of(output: Description | Row, exchange: E | undefined): RowMask | undefined {
    if (exchange === this.exchange && output.columns === this.columns && output.result === this.result) {
      return this.current
    }
    if (exchange === undefined) throw new Error("Rows came that nobody asked for.")
    const plan = this.plan(exchange, output)
    this.current = plan?.isEmpty === true ? undefined : plan
    this.exchange = exchange
    this.columns = output.columns
    this.result = output.result
    return this.current
  }

  /** What the plan of a row's result puts in the place of every value; undefined where each row must be seen. */
  constants(row: Row, exchange: E): Constants | undefined {
    const plan = this.of(row, exchange)
    return plan === undefined ? [] : plan.constants
  }

  forget(): void {
    this.exchange = undefined
    this.columns = undefined
    this.current = undefined
  }
}
