import type { Column, ResultShape, Row } from "../../core/family/sql/index.ts"
import { kinds } from "./kinds.ts"
import type { Shield } from "./shield.ts"

/** Which columns of one result are masked, and with which bytes. Made once per result, put over every row. */
export class Plan {
  private readonly indexes: Array<number> = []
  private readonly masks: Array<Uint8Array | null> = []

  /**
   * Checks what the analysis foretold against what the server describes, and encodes the masks. Throws when they
   * differ, which ends the session: then nobody knows which column is which. Never quotes what the server said.
   */
  constructor(shape: ResultShape | undefined, columns: ReadonlyArray<Column>, shield: Shield) {
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
        this.indexes.push(i)
        this.masks.push(maskFor(kind, column))
      }
    }
  }

  /** Whether no column is masked. */
  get isEmpty(): boolean {
    return this.indexes.length === 0
  }

  /** Puts the masks in the place of the values; NULL stays NULL. */
  mask(row: Row): void {
    const { indexes, masks } = this
    for (let i = 0; i < indexes.length; i++) {
      const index = indexes[i]!
      if (!row.isNull(index)) row.replace(index, masks[i]!)
    }
  }
}

/** The kind's mask in the column's type and format: as a JSON string in JSON, as NULL where there is no other way. */
const maskFor = (kind: string, column: Column): Uint8Array | null => {
  const mask = kinds.get(kind)?.mask
  if (mask === undefined) throw new Error(`The kind ${kind} has no mask.`)
  const isJson = column.type === "json" || column.type === "jsonb"
  return column.encode(isJson ? JSON.stringify(mask) : mask) ?? null
}
