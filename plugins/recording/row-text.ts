import type { Row } from "../../core/family/sql/index.ts"
import { valueOf } from "./value.ts"

const encoder = new TextEncoder()

/** Room for one value and what stands around it, beyond the bytes of the value itself. */
const AROUND_BYTES = 16

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN = 0x5b
const CLOSE = 0x5d

/** The top bit of each of four bytes. */
const TOPS = 0x80808080
const ONES = 0x01010101

/**
 * Whether a JSON string holds four bytes as they are: none above 0x7f or below a blank, no quote, no backslash. Each
 * subtraction sets a top bit where its byte was too small; a borrow from the next byte comes of one that was, too.
 */
const arePlain = (four: number): boolean =>
  ((four | (four - 0x20 * ONES) | ((four ^ QUOTE * ONES) - ONES) | ((four ^ BACKSLASH * ONES) - ONES)) & TOPS) === 0

const isPlain = (byte: number): boolean => byte >= 0x20 && byte <= 0x7f && byte !== QUOTE && byte !== BACKSLASH

/**
 * Rows as JSON text, `[["a",null],["b","2"]]`, written as bytes into one scratch array. Most values are plain ASCII:
 * they are copied as they are, and all of a record's rows become a string in one step.
 */
export class RowText {
  /** How many bytes the rows make so far. */
  length = 0
  private bytes: Buffer = Buffer.allocUnsafeSlow(4096)
  private view = new DataView(this.bytes.buffer)
  private isAscii = true

  row(row: Row): void {
    const { columns } = row
    this.byte(this.length === 0 ? OPEN : COMMA)
    this.byte(OPEN)
    for (let i = 0; i < columns.length; i++) {
      if (i > 0) this.byte(COMMA)
      if (columns[i]!.format === "binary" || !this.copied(row, i)) this.slow(row, i)
    }
    this.byte(CLOSE)
  }

  /** What was written, as text, and begins anew. */
  taken(): string {
    this.byte(CLOSE)
    const text = this.bytes.toString(this.isAscii ? "latin1" : "utf8", 0, this.length)
    this.length = 0
    this.isAscii = true
    return text
  }

  /** Puts a value between quotes as it is. False when it is not plain ASCII, or its row cannot copy. */
  private copied(row: Row, index: number): boolean {
    if (row.copy === undefined) return false
    let size = row.copy(index, this.bytes, this.length + 1)
    if (size > this.bytes.length - this.length - AROUND_BYTES) {
      this.room(size + AROUND_BYTES)
      size = row.copy(index, this.bytes, this.length + 1)
    }
    if (size < 0) return this.raw("null")
    const { bytes, length } = this
    const end = length + 1 + size
    if (!this.isPlain(length + 1, end)) return false
    bytes[length] = QUOTE
    bytes[end] = QUOTE
    this.length = end + 1
    return true
  }

  private isPlain(start: number, end: number): boolean {
    const { bytes, view } = this
    let at = start
    for (; at + 4 <= end; at += 4) {
      if (!arePlain(view.getInt32(at, true))) return false
    }
    for (; at < end; at++) {
      if (!isPlain(bytes[at]!)) return false
    }
    return true
  }

  private slow(row: Row, index: number): void {
    this.raw(JSON.stringify(valueOf(row.bytes(index), row.columns[index]!.format)))
  }

  private raw(text: string): true {
    const encoded = encoder.encode(text)
    this.room(encoded.length + AROUND_BYTES)
    this.bytes.set(encoded, this.length)
    this.length += encoded.length
    if (encoded.length !== text.length) this.isAscii = false
    return true
  }

  private byte(value: number): void {
    if (this.length === this.bytes.length) this.room(1)
    this.bytes[this.length++] = value
  }

  private room(size: number): void {
    if (this.length + size <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + size))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }
}
