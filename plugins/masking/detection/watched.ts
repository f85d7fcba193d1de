import type { Column, Row, Substitute, ValueType } from "../../../core/family/sql/index.ts"
import type { RowMask } from "../answering.ts"
import { Cell, scalarText } from "../cell.ts"
import { classOf, type ValueClass } from "../operators/value-class.ts"
import type { Plan } from "../plan.ts"
import type { Learner } from "./learner.ts"
import { isSensitive, maskJson, type MaskOf, maskSpans, maskWhole } from "./spans.ts"

/**
 * How a column is looked at. `text` and `json`: cell by cell. `parts`: arrays and composites, each scalar for itself.
 * `form`: numbers, dates and addresses of networks, only as a column: by themselves most numbers are nothing.
 */
export type Look = "text" | "json" | "parts" | "form" | "none"

const looks: Readonly<Record<ValueClass, Look>> = {
  text: "text",
  json: "json",
  integer: "form",
  numeric: "form",
  date: "form",
  network: "form",
  float: "none",
  uuid: "none",
  bytea: "none",
  other: "text"
}
const never: ReadonlySet<string> = new Set(["bool", "oid", "xid", "xid8", "cid", "tid", "pg_lsn", "time", "interval"])

const lookAt = (type: ValueType): Look => {
  if (type.element !== undefined) return lookAt(type.element) === "none" ? "none" : "parts"
  if (type.fields !== undefined) return "parts"
  return never.has(type.name) ? "none" : looks[classOf(type)]
}

/** What has no text form that anybody here can read is not looked at. */
export const lookOf = ({ format, valueType }: Column): Look => {
  const look = lookAt(valueType)
  return format === "binary" && look === "text" && classOf(valueType) === "other" ? "none" : look
}

/** A longer cell is masked without looking: it would hold up everybody else. */
const CELL_BYTES_MAX = 1 << 20
const BACKSLASH = 0x5c

export interface WatchedOptions {
  readonly index: number
  readonly column: Column
  readonly look: Look
  /** What the column holds as a whole; undefined where only cells count. */
  readonly learner: Learner | undefined
  readonly maskOf: MaskOf
  /** Whether a cell that holds something is masked as a whole. */
  readonly isWhole: boolean
}

/** One column of a result that nobody declared. */
export class WatchedColumn implements Substitute {
  private readonly options: WatchedOptions
  private readonly isPlain: boolean
  private readonly cells = new Map<string, Cell>()
  private isFound = false

  constructor(options: WatchedOptions) {
    this.options = options
    const { column, look } = options
    // Its bytes are its text, or JSON's after a version that is no letter.
    this.isPlain = column.format === "text" || look === "text" || look === "json"
  }

  /** Masks the row's cell where it holds something. A cell that cannot be looked at comes masked. */
  mask(row: Row): void {
    const { index } = this.options
    const value = row.bytes(index)
    if (value === null) return
    const made = this.made(value)
    if (made !== value) row.replace(index, made)
  }

  private made(value: Uint8Array): Uint8Array | null {
    try {
      if (value.length > CELL_BYTES_MAX) return this.cell("free_text").mask(value)
      const { look } = this.options
      const kind = this.learned(value)
      if (kind !== undefined) return this.cell(kind).mask(value)
      if (look === "form" || this.isClean(value)) return value
      this.isFound = false
      const made = this.options.column.substitute(value, this)
      return this.isFound ? made : value
    } catch {
      return this.cell("redact").fixed ?? null
    }
  }

  private learned(value: Uint8Array): string | undefined {
    const { column, learner } = this.options
    if (learner === undefined) return undefined
    if (!learner.isSettled) {
      const text = this.isPlain ? value : Buffer.from(scalarText(column, value) ?? "", "utf8")
      learner.learn(text)
    }
    return learner.kind
  }

  /** JSON and arrays may spell a sign by its number, or behind a backslash: then they are read. */
  private isClean(value: Uint8Array): boolean {
    return this.isPlain && !isSensitive(value) && (this.options.look === "text" || !value.includes(BACKSLASH))
  }

  of(text: string, type: ValueType): string | null | undefined {
    const made = this.masked(text, type)
    if (made === undefined) return text
    this.isFound = true
    return made
  }

  constant(type: ValueType): string | null {
    this.isFound = true
    const { constant } = this.options.maskOf("free_text")
    return constant === null || classOf(type) !== "json" ? constant : JSON.stringify(constant)
  }

  private masked(text: string, type: ValueType): string | null | undefined {
    const { isWhole, maskOf } = this.options
    const look = lookAt(type)
    if (look === "json") {
      const made = maskJson(text, maskOf, isWhole)
      return made === null ? this.constant(type) : made
    }
    if (look !== "text") return undefined
    return isWhole ? maskWhole(text, maskOf) : maskSpans(text, maskOf)
  }

  private cell(kind: string): Cell {
    let cell = this.cells.get(kind)
    const { column, index, maskOf } = this.options
    if (cell === undefined) this.cells.set(kind, cell = new Cell(index, column, maskOf(kind)))
    return cell
  }
}

/** The rows of a result: first what is declared, then the rest. */
export class WatchedRows implements RowMask {
  readonly isEmpty = false
  /** What is looked for may stand in any row. */
  readonly constants = undefined
  private readonly columns: ReadonlyArray<WatchedColumn>
  private readonly plan: Plan | undefined

  constructor(columns: ReadonlyArray<WatchedColumn>, plan: Plan | undefined) {
    this.columns = columns
    this.plan = plan
  }

  mask(row: Row): void {
    this.plan?.mask(row)
    const { columns } = this
    for (let i = 0; i < columns.length; i++) columns[i]!.mask(row)
  }
}
