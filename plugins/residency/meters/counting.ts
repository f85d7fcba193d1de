import { type Deny, deny, type Output } from "../../../core/index.ts"
import type { ResultShape, Row, Statement } from "../../../core/family/sql/index.ts"
import type { WorldDataSet, WorldTransfer } from "../world.ts"
import { hash53, seedOf } from "./hash.ts"
import type { Meter } from "./meter.ts"
import type { Meters } from "./meters.ts"

/** One meter that the rows of an answer count on. */
export interface Counted {
  readonly meter: Meter
  readonly transfer: WorldTransfer
  readonly dataSet: WorldDataSet
  /** People who may leave altogether: the cap, or twice that for what was approved. Infinite in shadow mode. */
  readonly limit: number
}

interface Column extends Counted {
  /** Where the subject stands in the row; -1: nowhere, every row is somebody new. */
  readonly index: number
  readonly seed: number
}

/** Counts the people in the rows of one operation's answer, as the upstream sent them, before any mask. */
export class Counting {
  private readonly meters: Meters
  private readonly counted: ReadonlyArray<Counted>
  private readonly results: ReadonlyArray<ResultShape>
  private columns: Row["columns"] | undefined
  private result = -1
  private plan: ReadonlyArray<Column> = []

  constructor(meters: Meters, counted: ReadonlyArray<Counted>, { results }: Pick<Statement, "results">) {
    this.meters = meters
    this.counted = counted
    this.results = results
  }

  /** A denial: this row, and what follows, may not leave. */
  see(output: Output): Deny | undefined {
    if (output.kind !== "row") return undefined
    const row = output as Row
    if (row.columns !== this.columns || row.result !== this.result) this.turnTo(row)
    for (const column of this.plan) {
      const { index, limit, meter, seed } = column
      const bytes = index < 0 ? null : row.bytes(index)
      const taken = this.meters.take(meter, bytes === null ? undefined : hash53(bytes, seed), limit)
      if (!taken && limit !== Infinity) return full(column)
    }
    return undefined
  }

  private turnTo({ columns, result }: Row): void {
    this.columns = columns
    this.result = result
    const shape = this.results[result]
    // What is described otherwise than predicted is not trusted to be where it was predicted.
    const trusted = shape?.columns.length === columns.length ? shape : undefined
    this.plan = this.counted.map((counted) => ({
      ...counted,
      index: subjectIn(trusted, counted.dataSet.subject),
      seed: seedOf(counted.dataSet.name)
    }))
  }
}

const subjectIn = (shape: ResultShape | undefined, subject: WorldDataSet["subject"]): number =>
  subject === undefined || shape === undefined ? -1 : shape.columns.findIndex(({ how, sources }) => {
    const [source] = sources
    return how === "copy" && sources.length === 1 && source?.column === subject.column
      && (source.table === subject.table || (source.within?.includes(subject.table) ?? false))
  })

const full = ({ dataSet, limit, meter, transfer }: Counted): Deny => {
  const { cap, name: { recipient }, window } = meter
  const isReached = meter.total >= limit
  const whom = recipient === "*" ? "everyone together" : recipient
  return deny(
    "residency",
    isReached
      ? `The cap of transfer ${transfer.id} is reached: ${cap} people of ${dataSet.name} for ${whom} (${window}).`
      : `What left by transfer ${transfer.id} could not be counted in time, so nothing more of it leaves.`,
    {
      detail:
        `check home; data set ${dataSet.name}; sink ${whom}; by ${transfer.id}; rows past the cap are not released`,
      hint: isReached
        ? "Ask for fewer people, or again for a person's approval; the count starts anew with the next window."
        : "Ask again for fewer rows at a time."
    }
  )
}
