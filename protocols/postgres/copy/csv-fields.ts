import { copyBytes } from "../../../core/bytes/index.ts"
import type { CopyFormat } from "../../../core/family/sql/index.ts"
import { DelimitedFields, NEWLINE, RETURN } from "./delimited-fields.ts"
import { type CopyFields, isSame, singleByte } from "./fields.ts"

/** Alone on a line, this would end the data. */
const END_OF_DATA = Uint8Array.of(0x5c, 0x2e)

/**
 * The CSV format (PostgreSQL manual, COPY, CSV Format), as the server writes it: a value is quoted as a whole or not at
 * all; inside, the escape stands before each quote and each escape; only a value without quotes can be NULL.
 */
export class CsvFields extends DelimitedFields implements CopyFields {
  private readonly quote: number
  private readonly escape: number
  private readonly forceQuote: true | ReadonlySet<number>

  constructor(format: CopyFormat) {
    super(format)
    this.quote = singleByte("QUOTE", format.quote)
    this.escape = singleByte("ESCAPE", format.escape)
    this.forceQuote = format.forceQuote === true ? true : new Set(format.forceQuote)
  }

  read(chunk: Uint8Array, start: number, end: number, count: number): "row" | "malformed" {
    if (end === start || chunk[end - 1] !== NEWLINE) return "malformed"
    this.chunk = chunk
    this.count = count
    this.offsets.reserve(count)
    const { ends, starts } = this.offsets
    const last = end - 1
    if (count === 0) return last === start ? "row" : "malformed"
    let at = start
    for (let field = 0; field < count; field++) {
      starts[field] = at
      at = at < last && chunk[at] === this.quote ? this.quotedEnd(at + 1, last) : this.plainEnd(at, last)
      if (at < 0) return "malformed"
      ends[field] = at
      if (field === count - 1) return at === last ? "row" : "malformed"
      if (at === last) return "malformed"
      at++
    }
    return "malformed"
  }

  /** The offset after the closing quote, if a delimiter or the line's end follows; else -1. */
  private quotedEnd(at: number, last: number): number {
    const { chunk, escape, quote } = this
    while (at < last) {
      const byte = chunk[at++]!
      if (byte === escape && at < last && (chunk[at] === quote || chunk[at] === escape)) at++
      else if (byte === quote) return at === last || chunk[at] === this.delimiter ? at : -1
      else if (byte === escape) return -1
    }
    return -1
  }

  private plainEnd(at: number, last: number): number {
    const { chunk } = this
    for (; at < last; at++) {
      const byte = chunk[at]!
      if (byte === this.delimiter) return at
      if (byte === NEWLINE || byte === RETURN || byte === this.quote) return -1
    }
    return last
  }

  isNull(index: number): boolean {
    return isSame(this.chunk, this.start(index), this.end(index), this.nullText)
  }

  bytes(index: number): Uint8Array {
    const { chunk, escape, quote } = this
    const start = this.start(index)
    const end = this.end(index)
    if (start === end || chunk[start] !== quote) return chunk.subarray(start, end)
    const inner = chunk.subarray(start + 1, end - 1)
    if (!inner.includes(escape)) return inner
    const to = new Uint8Array(inner.length)
    let size = 0
    for (let i = 0; i < inner.length; i++) {
      if (inner[i] === escape) i++
      to[size++] = inner[i]!
    }
    return to.subarray(0, size)
  }

  size(value: Uint8Array | null, index: number): number {
    if (value === null) return this.nullText.length
    if (!this.mustQuote(value, index)) return value.length
    let size = value.length + 2
    for (let i = 0; i < value.length; i++) if (value[i] === this.quote || value[i] === this.escape) size++
    return size
  }

  write(value: Uint8Array | null, index: number, to: Uint8Array, at: number): number {
    if (value === null) return copyBytes(this.nullText, 0, this.nullText.length, to, at)
    if (!this.mustQuote(value, index)) return copyBytes(value, 0, value.length, to, at)
    to[at++] = this.quote
    for (let i = 0; i < value.length; i++) {
      const byte = value[i]!
      if (byte === this.quote || byte === this.escape) to[at++] = this.escape
      to[at++] = byte
    }
    to[at] = this.quote
    return at + 1
  }

  private mustQuote(value: Uint8Array, index: number): boolean {
    if (this.forceQuote === true || this.forceQuote.has(index)) return true
    if (isSame(value, 0, value.length, this.nullText) || isSame(value, 0, value.length, END_OF_DATA)) return true
    for (let i = 0; i < value.length; i++) {
      const byte = value[i]!
      if (byte === this.delimiter || byte === this.quote || byte === NEWLINE || byte === RETURN) return true
    }
    return false
  }
}
