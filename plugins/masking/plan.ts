import type { Constants } from "../../core/index.ts"
import type { Column, Lineage, ResultShape, Row, Source } from "../../core/family/sql/index.ts"
import { Cell, scalarText } from "./cell.ts"
import type { MaskSet } from "./masks.ts"
import type { Operator } from "./operators/index.ts"
import type { Shield } from "./shield.ts"

/** A masked column, and the one whose value its masks hang on. */
interface Masked {
  readonly cell: Cell
  readonly subject: number | undefined
}

/** Which columns of one result are masked, and how. Made once per result, put over every row. */
export class Plan {
  private readonly masked: Array<Masked> = []
  /** Whether a mask hangs on another column, which must be read before any is masked. */
  private hasSubjects = false

  /**
   * Checks what the analysis foretold against what the server describes, and picks the masks. Throws when they differ,
   * which ends the session: then nobody knows which column is which. Never quotes what the server said.
   */
  constructor(
    shape: ResultShape | undefined,
    columns: ReadonlyArray<Column>,
    shield: Shield,
    masks: MaskSet
  ) {
    if (shape === undefined) throw new Error("An answer came that the analysis of its statement did not foretell.")
    if (shape.columns.length !== columns.length) {
      throw new Error(`The analysis foretold ${shape.columns.length} columns, and ${columns.length} came.`)
    }
    for (let i = 0; i < columns.length; i++) {
      const { how, name, sources } = shape.columns[i]!
      const column = columns[i]!
      if (name !== column.name) throw new Error(`Column ${i + 1} is not the one that the analysis foretold.`)
      for (const source of sources) {
        const kind = source.presence === true ? undefined : shield.kindOf(source)
        if (kind === undefined) continue
        if (how !== "copy" || sources.length !== 1) throw new Error(`Column ${i + 1} is not a bare one, and came.`)
        const operator = masks.of(source, kind, shield.obliges(source))
        if (operator.denies === true) throw new Error(`Column ${i + 1} is not shown at all, and came.`)
        this.add(new Cell(i, column, operator), subjectOf(operator, source, shape.columns))
      }
    }
  }

  private add(cell: Cell, subject: number | undefined): void {
    this.masked.push({ cell, subject })
    this.hasSubjects ||= subject !== undefined
  }

  /** Whether no column is masked. */
  get isEmpty(): boolean {
    return this.masked.length === 0
  }

  /** Whether the column at `index` is masked. */
  covers(index: number): boolean {
    return this.masked.some(({ cell }) => cell.index === index)
  }

  /** What takes the place of every value, by column; undefined where a mask hangs on the value or on another. */
  get constants(): Constants | undefined {
    const all: Array<Uint8Array | null | undefined> = []
    for (const { cell, subject } of this.masked) {
      if (cell.fixed === undefined || subject !== undefined) return undefined
      while (all.length < cell.index) all.push(undefined)
      all.push(cell.fixed)
    }
    return all
  }

  /** Puts the masks in the place of the values; NULL stays NULL. */
  mask(row: Row): void {
    if (this.hasSubjects) return this.maskBySubject(row)
    const { masked } = this
    for (let i = 0; i < masked.length; i++) {
      const { cell } = masked[i]!
      if (cell.fixed !== undefined) {
        if (!row.isNull(cell.index)) row.replace(cell.index, cell.fixed)
        continue
      }
      const value = row.bytes(cell.index)
      if (value !== null) row.replace(cell.index, cell.mask(value))
    }
  }

  /** All masks are made before the first is put in: a subject may be masked itself. */
  private maskBySubject(row: Row): void {
    const made = this.masked.map(({ cell, subject }) => {
      const value = row.bytes(cell.index)
      if (value === null) return null
      const whom = subject === undefined ? null : row.bytes(subject)
      return cell.mask(value, whom === null ? undefined : scalarText(row.columns[subject!]!, whom))
    })
    this.masked.forEach(({ cell }, i) => row.replace(cell.index, made[i]!))
  }
}

/**
 * Where in a result the column stands that an operator goes by: bare, and of the same row. One of another row of the
 * table, in a join with itself, would show the value moved as far as everybody's: their middle is the value.
 */
const subjectOf = (
  operator: Operator,
  { reading, table }: Source,
  shape: ReadonlyArray<Lineage>
): number | undefined => {
  if (operator.by === undefined) return undefined
  const at = shape.findIndex(({ how, sources }) =>
    how === "copy" && sources[0]!.table === table && sources[0]!.reading === reading
    && sources[0]!.column === operator.by
  )
  return at < 0 ? undefined : at
}
