import type { Column, ColumnRef, Lineage, Report, ResultShape } from "../../../core/family/sql/index.ts"
import type { RowMask } from "../answering.ts"
import { kinds } from "../kinds.ts"
import type { MaskSet } from "../masks.ts"
import { fixed } from "../operators/index.ts"
import type { Plan } from "../plan.ts"
import type { Memory } from "./memory.ts"
import { type Detecting, detectingOf } from "./options.ts"
import { maskSpans } from "./spans.ts"
import { lookOf, WatchedColumn, WatchedRows } from "./watched.ts"

/** One result, and what is masked of it anyway. */
export interface Watching {
  readonly shape: ResultShape | undefined
  readonly columns: ReadonlyArray<Column>
  readonly plan: Plan | undefined
  readonly masks: MaskSet
}

/** Looks through what nobody declared, for the sessions of one pipeline. */
export class Detector {
  private readonly detecting: Detecting
  private readonly pipeline: string
  private readonly memory: Memory

  constructor(detecting: Detecting, pipeline: string, memory: Memory) {
    this.detecting = detecting
    this.pipeline = pipeline
    this.memory = memory
  }

  /** Undefined where the file does not ask for one. */
  static of(config: Parameters<typeof detectingOf>[0], pipeline: string, memory: Memory): Detector | undefined {
    const detecting = detectingOf(config)
    return detecting.mode === "off" ? undefined : new Detector(detecting, pipeline, memory)
  }

  /** What masks the rows of a result: its plan, and behind that every column that the plan leaves as it is. */
  watch({ columns, masks, plan, shape }: Watching): RowMask {
    const watched = columns.flatMap((column, index) => {
      if (plan?.covers(index) === true) return []
      const lineage = shape?.columns[index]
      const ref = copied(lineage)
      if (ref !== undefined && this.isExcepted(ref)) return []
      return this.column(index, column, ref, isCatalogues(lineage), masks) ?? []
    })
    return watched.length === 0 ? plan ?? nothing : new WatchedRows(watched, plan)
  }

  /** An error or a notice may quote a value of a column that nobody declared. */
  report(report: Report): void {
    report.message = maskSpans(report.message, constantOf) ?? report.message
    report.extras = new Map([...report.extras].map(([field, text]) => [field, maskSpans(text, constantOf) ?? text]))
  }

  private column(index: number, column: Column, ref: ColumnRef | undefined, isCatalogue: boolean, masks: MaskSet) {
    const isStrict = this.detecting.mode === "strict"
    const look = lookOf(column)
    const learns = isStrict && !isCatalogue && (look === "text" || look === "form")
    const learner = learns ? this.memory.learner(this.pipeline, ref, column) : undefined
    if (learner === undefined && (look === "form" || look === "none")) return undefined
    const maskOf = (kind: string) => masks.of(ref ?? nowhere, kind, false)
    return new WatchedColumn({ index, column, look, learner, maskOf, isWhole: isStrict })
  }

  private isExcepted({ column, table, within = [] }: ColumnRef): boolean {
    const { except } = this.detecting
    return except.size > 0
      && [table, ...within].some((one) => except.has(one) || except.has(`${one}.${column}`))
  }
}

const nothing: RowMask = { isEmpty: true, constants: [], mask: () => {} }
const nowhere: ColumnRef = { table: "", column: "" }
const constantOf = (kind: string) => fixed("redact", (kinds.get(kind) ?? kinds.get("redact")!).mask)

/** The column that an output is, where it is nothing but one. */
const copied = (lineage: Lineage | undefined): ColumnRef | undefined =>
  lineage?.how === "copy" && lineage.sources.length === 1 ? lineage.sources[0] : undefined

/** Of a catalogue the cells are looked at, and no column is decided: names of tables may be names of people. */
const isCatalogues = (lineage: Lineage | undefined): boolean =>
  lineage !== undefined && lineage.sources.length > 0
  && lineage.sources.every(({ table }) => /^(pg_catalog|information_schema)\./.test(table))
