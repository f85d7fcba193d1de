import { isUtf8 } from "node:buffer"
import type { Row, RowRun } from "../../core/family/sql/index.ts"
import { copyEscaped, copyPlain, ESCAPED_BYTES_MAX, isPlain, QUOTE } from "./json-bytes.ts"
import { borrow, giveBack } from "./scratch.ts"
import { valueOf } from "./value.ts"

/** Room for one value's quotes and what stands around it, beyond the bytes of the value itself. */
const AROUND_BYTES = 16

const COMMA = 0x2c
const OPEN = 0x5b
const CLOSE = 0x5d
const NULL = Buffer.from("null")
const NOTHING: Buffer = Buffer.alloc(0)

/**
 * Rows as JSON text, `[["a",null],["b","2"]]`, between a head and a tail of the caller's. Written as bytes, each once,
 * from where the values lie; nothing that is text in UTF-8 becomes a string.
 */
export class RowText {
  /** How many bytes there are so far; 0 when no row was written since `taken`. */
  length = 0
  private bytes: Buffer = NOTHING
  private view = viewOf(NOTHING)
  private isFirst = true

  /** Begins with `head`, which is ASCII, unless something was begun already. */
  begin(head: string): void {
    if (this.length > 0) return
    if (this.bytes === NOTHING) this.write(borrow())
    this.length = this.bytes.write(head, 0, "latin1")
    this.isFirst = true
    this.byte(OPEN)
  }

  row(row: Row): void {
    const { columns } = row
    this.open()
    for (let i = 0; i < columns.length; i++) {
      if (i > 0) this.byte(COMMA)
      const { format } = columns[i]!
      if (format === "text" && this.copied(row, i)) continue
      const value = row.bytes(i)
      this.room(AROUND_BYTES)
      if (value === null) this.null()
      else this.unusual(value, format)
    }
    this.byte(CLOSE)
  }

  /** Row `index` of a run; `from` is a view on the run's bytes. Room is made once, for all of its values. */
  rowOf({ bytes, columns, sizes, starts }: RowRun, from: DataView, index: number): void {
    const first = index * columns.length
    this.open()
    this.room(roomOf(sizes, first, columns.length))
    for (let i = 0; i < columns.length; i++) {
      const size = sizes[first + i]!
      const start = starts[first + i]!
      if (i > 0) this.bytes[this.length++] = COMMA
      if (size < 0) this.null()
      else if (columns[i]!.format === "text" && copyPlain(from, start, start + size, this.view, this.length + 1)) {
        this.quote(this.length + 1 + size)
      } else {
        this.unusual(bytes.subarray(start, start + size), columns[i]!.format)
        this.room(roomOf(sizes, first + i, columns.length - i))
      }
    }
    this.byte(CLOSE)
  }

  /** Gives what was written, ended with `tail`, which is ASCII, to `to`, as a loan; the next begins anew. */
  give(tail: string, to: (text: Uint8Array) => void): void {
    this.byte(CLOSE)
    this.room(tail.length)
    const end = this.length + this.bytes.write(tail, this.length, "latin1")
    to(this.bytes.subarray(0, end))
    giveBack(this.bytes)
    this.write(NOTHING)
    this.length = 0
  }

  private open(): void {
    if (!this.isFirst) this.byte(COMMA)
    this.isFirst = false
    this.byte(OPEN)
  }

  /** Puts a value between quotes as it is. False when it is NULL or not plain ASCII, or its row cannot copy. */
  private copied(row: Row, index: number): boolean {
    if (row.copy === undefined) return false
    let size = row.copy(index, this.bytes, this.length + 1)
    if (size > this.bytes.length - this.length - AROUND_BYTES) {
      this.room(size + AROUND_BYTES)
      size = row.copy(index, this.bytes, this.length + 1)
    }
    if (size < 0 || !isPlain(this.view, this.length + 1, this.length + 1 + size)) return false
    this.quote(this.length + 1 + size)
    return true
  }

  /** A value that is not all plain ASCII, or no text at all. */
  private unusual(value: Uint8Array, format: "text" | "binary"): void {
    if (format === "text" && isUtf8(value)) {
      this.room(value.length * ESCAPED_BYTES_MAX + AROUND_BYTES)
      this.quote(copyEscaped(value, 0, value.length, this.bytes, this.length + 1))
    } else {
      const text = JSON.stringify(valueOf(value, format))
      this.room(text.length)
      this.length += this.bytes.write(text, this.length, "latin1")
    }
  }

  /** Puts quotes around what lies one byte behind the end, up to `end`. */
  private quote(end: number): void {
    this.bytes[this.length] = QUOTE
    this.bytes[end] = QUOTE
    this.length = end + 1
  }

  /** There is room for it. */
  private null(): void {
    for (let i = 0; i < NULL.length; i++) this.bytes[this.length++] = NULL[i]!
  }

  private byte(value: number): void {
    if (this.length === this.bytes.length) this.room(1)
    this.bytes[this.length++] = value
  }

  private room(size: number): void {
    if (this.length + size <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + size))
    larger.set(this.bytes.subarray(0, this.length))
    giveBack(this.bytes)
    this.write(larger)
  }

  private write(bytes: Buffer): void {
    this.bytes = bytes
    this.view = viewOf(bytes)
  }
}

/** Room for values that are written as they are. */
const roomOf = (sizes: Int32Array, first: number, count: number): number => {
  let room = AROUND_BYTES * (count + 1)
  for (let i = first; i < first + count; i++) room += Math.max(0, sizes[i]!)
  return room
}

const viewOf = ({ buffer, byteOffset, length }: Uint8Array): DataView => new DataView(buffer, byteOffset, length)
