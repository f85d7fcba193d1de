import { copyBytes } from "../../../core/bytes/index.ts"
import type { CopyFormat } from "../../../core/family/sql/index.ts"
import { DelimitedFields, NEWLINE, RETURN } from "./delimited-fields.ts"
import { type CopyFields, isSame } from "./fields.ts"

const BACKSLASH = 0x5c
const LETTER_X = 0x78

/** The letter that stands after a backslash for a control character; 0 for bytes that are written as they are. */
const letters = new Uint8Array(256)
/** And the other way round. */
const controls = new Uint8Array(256)
for (const [control, letter] of [[8, "b"], [9, "t"], [10, "n"], [11, "v"], [12, "f"], [13, "r"]] as const) {
  letters[control] = letter.charCodeAt(0)
  controls[letter.charCodeAt(0)] = control
}

const HEX = "0123456789abcdef"
const hexDigit = (byte: number | undefined): number =>
  byte === undefined ? -1 : byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66
    ? (byte | 0x20) - 0x57
    : -1
const isOctal = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x37

/**
 * The text format (PostgreSQL manual, COPY, File Formats): one line, values between delimiters, NULL spelt as the
 * `NULL` option says, and backslash sequences for what would otherwise end a value or a line.
 *
 * With most spellings of NULL a value can look like it: under `NULL 'x'` the server writes NULL and `x` alike. Whoever
 * asks chooses the spelling, and could guess at values with it if they passed for NULL here. So NULL is only what no
 * value can look like, as the usual `\N`; anything else is a value, which reads as the spelling says.
 */
export class TextFields extends DelimitedFields implements CopyFields {
  /** The value that looks like NULL; undefined when none can. */
  private readonly lookalike: Uint8Array | undefined

  constructor(format: CopyFormat) {
    super(format)
    this.lookalike = this.couldBeValue(this.nullText) ? unescaped(this.nullText) : undefined
  }

  read(chunk: Uint8Array, start: number, end: number, count: number): "row" | "malformed" {
    if (end === start || chunk[end - 1] !== NEWLINE) return "malformed"
    this.chunk = chunk
    this.count = count
    this.offsets.reserve(count)
    const { ends, starts } = this.offsets
    const last = end - 1
    if (count === 0) return last === start ? "row" : "malformed"
    let field = 0
    starts[0] = start
    for (let at = start; at < last; at++) {
      const byte = chunk[at]!
      if (byte === BACKSLASH) {
        if (++at >= last) return "malformed"
        if (chunk[at] === NEWLINE || chunk[at] === RETURN) return "malformed"
      } else if (byte === NEWLINE || byte === RETURN) return "malformed"
      else if (byte === this.delimiter) {
        ends[field++] = at
        if (field === count) return "malformed"
        starts[field] = at + 1
      }
    }
    ends[field] = last
    return field === count - 1 ? "row" : "malformed"
  }

  isNull(index: number): boolean {
    return this.lookalike === undefined && isSame(this.chunk, this.start(index), this.end(index), this.nullText)
  }

  bytes(index: number): Uint8Array {
    const raw = this.chunk.subarray(this.start(index), this.end(index))
    return raw.includes(BACKSLASH) ? unescaped(raw) : raw
  }

  size(value: Uint8Array | null): number {
    if (value === null) return this.nullText.length
    if (this.looksNull(value)) return 4 * value.length
    let size = value.length
    for (let i = 0; i < value.length; i++) if (this.isSpecial(value[i]!)) size++
    return size
  }

  write(value: Uint8Array | null, _index: number, to: Uint8Array, at: number): number {
    if (value === null) return copyBytes(this.nullText, 0, this.nullText.length, to, at)
    const isHidden = this.looksNull(value)
    for (let i = 0; i < value.length; i++) {
      const byte = value[i]!
      if (isHidden) {
        to[at++] = BACKSLASH
        to[at++] = LETTER_X
        to[at++] = HEX.charCodeAt(byte >> 4)
        to[at++] = HEX.charCodeAt(byte & 15)
      } else if (this.isSpecial(byte)) {
        to[at++] = BACKSLASH
        to[at++] = letters[byte] || byte
      } else to[at++] = byte
    }
    return at
  }

  private isSpecial(byte: number): boolean {
    return letters[byte] !== 0 || byte === BACKSLASH || byte === this.delimiter
  }

  /** Whether the server could write some value as `spelling`: escaped where it must be, and nowhere else. */
  private couldBeValue(spelling: Uint8Array): boolean {
    for (let at = 0; at < spelling.length; at++) {
      const byte = spelling[at]!
      if (byte === BACKSLASH) {
        const next = spelling[++at]
        if (next === undefined || (controls[next] === 0 && next !== BACKSLASH && next !== this.delimiter)) return false
      } else if (this.isSpecial(byte)) return false
    }
    return true
  }

  /**
   * Whether `value` would read back as NULL, and is therefore written as `\xHH` throughout (the server checks the
   * encoding before it takes escapes out, so no character may be half escaped). The empty string has no other spelling.
   */
  private looksNull(value: Uint8Array): boolean {
    return this.lookalike !== undefined && isSame(value, 0, value.length, this.lookalike)
  }
}

/** Takes the backslash sequences out: letters, up to three octal digits, `x` and up to two hexadecimal ones. */
const unescaped = (raw: Uint8Array): Uint8Array => {
  const to = new Uint8Array(raw.length)
  let size = 0
  for (let at = 0; at < raw.length;) {
    const byte = raw[at++]!
    if (byte !== BACKSLASH) {
      to[size++] = byte
      continue
    }
    const next = raw[at++]!
    if (isOctal(next)) {
      let value = next - 0x30
      for (let i = 0; i < 2 && isOctal(raw[at]); i++) value = value * 8 + raw[at++]! - 0x30
      to[size++] = value
    } else if (next === LETTER_X && hexDigit(raw[at]) >= 0) {
      let value = hexDigit(raw[at++])
      if (hexDigit(raw[at]) >= 0) value = value * 16 + hexDigit(raw[at++])
      to[size++] = value
    } else to[size++] = controls[next] || next
  }
  return to.subarray(0, size)
}
