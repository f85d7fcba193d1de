import type { Column, Lineage } from "../../core/family/sql/index.ts"
import { areUsers, columnsOf, type Field, type FieldFormats } from "./columns.ts"

/** What the upstream said of the rows of a prepared statement, or of a portal. */
export class Described {
  readonly fields: ReadonlyArray<Field>
  private formats = ""
  private shape: ReadonlyArray<Lineage> | undefined
  private columns: ReadonlyArray<Column> | undefined

  constructor(fields: ReadonlyArray<Field>) {
    this.fields = fields
  }

  /**
   * The columns in the formats that a portal asks for, or as described: the same array as long as the formats are the
   * same, and what was foretold of the types of users.
   */
  columnsIn(formats?: FieldFormats, foretold?: ReadonlyArray<Lineage>): ReadonlyArray<Column> {
    const key = formats?.join("") ?? "described"
    const shape = foretold !== undefined && areUsers(this.fields) ? foretold : undefined
    if (this.columns === undefined || this.formats !== key || this.shape !== shape) {
      this.columns = columnsOf(this.fields, formats, shape)
      this.formats = key
      this.shape = shape
    }
    return this.columns
  }
}
