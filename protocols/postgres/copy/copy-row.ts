import { copyBytes, type Outbox, readInt32, type Wire, writeInt32 } from "../../../core/bytes/index.ts"
import type { Column, CopyFormat, Row } from "../../../core/family/sql/index.ts"
import { BinaryFields } from "./binary-fields.ts"
import { CsvFields } from "./csv-fields.ts"
import type { CopyFields } from "./fields.ts"
import { TextFields } from "./text-fields.ts"

const HEADER_BYTES = 5
/** Beyond this a length would no longer be told from a negative one by every reader. */
const MESSAGE_BYTES_MAX = 0x3fffffff

/**
 * A row of COPY TO STDOUT, as it lies in one CopyData message.
 *
 *     Byte1('d') Int32(length) | Byten: exactly one row, as PostgreSQL sends them
 *
 * One object for each COPY, moved over its messages from the first to the last: what may stand where depends on what
 * came before. In the binary format the file's header comes before the first row, in the same message, and the trailer
 * comes last; with HEADER, the first line of the text formats names the columns. `part` tells these from rows.
 *
 * Not represented: in the text format with `NULL ''`, an empty string that is put in reads back as NULL, as those of
 * the server do.
 */
export class CopyRow implements Row {
  readonly kind = "row"
  /** What the message that this was last moved over holds. Only a `row` has values. */
  part: "row" | "header" | "trailer" = "row"
  columns: ReadonlyArray<Column> = []
  result = 0
  /** Whether a value was replaced since the last `move`. */
  patched = false

  private readonly fields: CopyFields
  private readonly patches: Array<Uint8Array | null | undefined> = []
  private wire: Wire | undefined
  private ended = false
  private awaitsHeaderLine: boolean

  constructor(format: CopyFormat) {
    this.awaitsHeaderLine = format.header && format.format !== "binary"
    this.fields = format.format === "binary"
      ? new BinaryFields()
      : format.format === "csv"
      ? new CsvFields(format)
      : new TextFields(format)
  }

  /**
   * Looks at the next message: `wire` is the whole of it, type and length included. False when it is malformed, holds
   * another number of values than `columns`, or comes after the trailer; then nothing of it may leave.
   */
  move(wire: Wire, columns: ReadonlyArray<Column>, result: number): boolean {
    if (this.patched || this.patches.length !== columns.length) this.forget(columns.length)
    this.wire = wire
    this.columns = columns
    this.result = result
    if (this.ended || wire.end - wire.start < HEADER_BYTES || wire.chunk[wire.start] !== 0x64) return false
    if (readInt32(wire.chunk, wire.start + 1) !== wire.end - wire.start - 1) return false
    const read = this.fields.read(wire.chunk, wire.start + HEADER_BYTES, wire.end, columns.length)
    if (read === "malformed") return false
    this.part = read
    if (read === "row" && this.awaitsHeaderLine) {
      this.awaitsHeaderLine = false
      this.part = "header"
    }
    this.ended = read === "trailer"
    return true
  }

  isNull(index: number): boolean {
    const patch = this.patches[index]
    return patch === undefined ? this.part !== "row" || this.fields.isNull(index) : patch === null
  }

  bytes(index: number): Uint8Array | null {
    const patch = this.patches[index]
    if (patch !== undefined) return patch
    return this.part !== "row" || this.fields.isNull(index) ? null : this.fields.bytes(index)
  }

  /** Ignored for what is no row. */
  replace(index: number, value: Uint8Array | null): void {
    if (this.part !== "row" || index < 0 || index >= this.columns.length) return
    this.patches[index] = value
    this.patched = true
  }

  /** Writes the message: as it came, or with what was replaced, escaped and quoted as the format wants it. */
  encode(out: Outbox): void {
    const wire = this.wire
    if (wire === undefined) return
    if (!this.patched) {
      out.pushWire(wire)
      return
    }
    const { fields, patches } = this
    const count = this.columns.length
    let size = HEADER_BYTES + fields.overhead()
    for (let i = 0; i < count; i++) size += this.sizeOf(i)
    if (size > MESSAGE_BYTES_MAX) throw new RangeError("A patched COPY row is longer than a message may be.")
    const to = out.reserve(size)
    let at = out.reservedAt
    to[at] = 0x64
    writeInt32(to, at + 1, size - 1)
    at = fields.writeStart(to, at + HEADER_BYTES)
    for (let i = 0; i < count; i++) {
      if (i > 0) at = fields.writeBetween(to, at)
      const patch = patches[i]
      if (patch === undefined) at = copyBytes(wire.chunk, fields.start(i), fields.end(i), to, at)
      else at = fields.write(patch, i, to, at)
    }
    fields.writeEnd(to, at)
  }

  private sizeOf(index: number): number {
    const patch = this.patches[index]
    if (patch === undefined) return this.fields.end(index) - this.fields.start(index)
    return this.fields.size(patch, index)
  }

  private forget(count: number): void {
    this.patches.length = count
    this.patches.fill(undefined)
    this.patched = false
  }
}
