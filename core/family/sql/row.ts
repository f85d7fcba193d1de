import type { Output, OutputRun } from "../output.ts"
import type { Substitute, ValueType } from "./value-type.ts"

/** A column of a result, as the server describes it. One object per result, shared by its rows. */
export interface Column {
  readonly name: string
  /** The type's name as PostgreSQL's catalogue spells it (`text`, `int4`, `_text`), or `oid:N` when not built in. */
  readonly type: string
  readonly format: "text" | "binary"
  /** The base column that the server says this is, or undefined for an expression. Compare, do not trust. */
  readonly origin?: { readonly tableOid: number; readonly attribute: number }
  /**
   * `text`, the value's text form, as bytes in this column's type and format; undefined when the type cannot hold it,
   * as `****` in an integer.
   */
  encode(text: string): Uint8Array | undefined
  /** More of the type, as far as the server and the analysis tell. */
  readonly valueType: ValueType
  /**
   * `value`, which is in this column's type and format, with each scalar in it replaced: itself, or the elements of an
   * array and the fields of a composite, whose shape and NULLs stay. Null is NULL, which is also what comes of a value
   * that cannot be read as a whole. Never throws.
   */
  substitute(value: Uint8Array, by: Substitute): Uint8Array | null
}

/**
 * A row as it lies on the wire: of a result set, or of COPY. Moved over each row in turn, so a row costs no allocation
 * unless a plugin looks at it. A loan: good until the hook returns.
 */
export interface Row extends Output {
  readonly kind: "row"
  /** The same array for all rows of one result: compare by identity to notice a new one. */
  readonly columns: ReadonlyArray<Column>
  /** Which of the operation's `results` this row belongs to. */
  readonly result: number
  isNull(index: number): boolean
  /** The value in the column's own format (for COPY: unescaped), or null. A view: nothing is copied where it can be. */
  bytes(index: number): Uint8Array | null
  /**
   * Copies the value, as `bytes` gives it, to `to` at `at`, where it fits; returns its size, or -1 for null. For
   * whoever reads every value of every row: it makes no view. Where it is left out, `bytes` serves.
   */
  copy?(index: number, to: Uint8Array, at: number): number
  /**
   * Puts `value`, in the column's own format, in place of what is there; null is NULL. The last call wins, and `isNull`
   * and `bytes` answer it from then on: plugins further up, and recorders, see only what the client will see.
   */
  replace(index: number, value: Uint8Array | null): void
}

/**
 * Rows of one result that lie one behind the other, as the client will see them. A loan: good until the hook returns.
 *
 * Values are numbered through, row by row: that of column `c` in row `r` is number `r * columns.length + c`.
 */
export interface RowRun extends OutputRun {
  readonly columns: ReadonlyArray<Column>
  /** Which of the operation's `results` the rows belong to. */
  readonly result: number
  /** What the values lie in, each in its column's own format. */
  readonly bytes: Uint8Array
  /** Where each value starts in `bytes`. */
  readonly starts: Int32Array
  /** How many bytes each value has; -1 for NULL. */
  readonly sizes: Int32Array
}
