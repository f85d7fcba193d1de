/** JSON strings (RFC 8259, section 7) written as bytes of UTF-8, in the spelling of `JSON.stringify`. */

export const QUOTE = 0x22
const BACKSLASH = 0x5c

/** The top bit of each of four bytes. */
const TOPS = 0x80808080
const ONES = 0x01010101

/**
 * Whether a JSON string holds four bytes as they are: none above 0x7f or below a blank, no quote, no backslash. Each
 * subtraction sets a top bit where its byte was too small; a borrow from the next byte comes of one that was, too.
 */
const arePlain = (four: number): boolean =>
  ((four | (four - 0x20 * ONES) | ((four ^ QUOTE * ONES) - ONES) | ((four ^ BACKSLASH * ONES) - ONES)) & TOPS) === 0

const isPlainByte = (byte: number): boolean => byte >= 0x20 && byte <= 0x7f && byte !== QUOTE && byte !== BACKSLASH

/** Whether all of `bytes[start, end)` is plain ASCII, which a JSON string holds as it is. */
export const isPlain = (bytes: DataView, start: number, end: number): boolean => {
  let i = start
  for (; i + 4 <= end; i += 4) if (!arePlain(bytes.getInt32(i, true))) return false
  for (; i < end; i++) if (!isPlainByte(bytes.getUint8(i))) return false
  return true
}

/**
 * Copies `from[start, end)` to `to` at `at`, four bytes at a time, as long as all of it is plain ASCII. False where it
 * is not: what was written then counts for nothing.
 */
export const copyPlain = (from: DataView, start: number, end: number, to: DataView, at: number): boolean => {
  const shift = at - start
  let i = start
  for (; i + 4 <= end; i += 4) {
    const four = from.getInt32(i, true)
    if (!arePlain(four)) return false
    to.setInt32(i + shift, four, true)
  }
  for (; i < end; i++) {
    const byte = from.getUint8(i)
    if (!isPlainByte(byte)) return false
    to.setUint8(i + shift, byte)
  }
  return true
}

/** How many bytes one byte becomes at most: `\u001f`. */
export const ESCAPED_BYTES_MAX = 6

const HEX = Buffer.from("0123456789abcdef")
/** The letter that stands behind the backslash, for the bytes that have one. */
const letters = new Map<number, number>(
  [[0x08, "b"], [0x09, "t"], [0x0a, "n"], [0x0c, "f"], [0x0d, "r"], [QUOTE, "\""], [BACKSLASH, "\\"]].map((
    [byte, letter]
  ) => [byte as number, (letter as string).charCodeAt(0)])
)

/** Copies UTF-8 with what must be escaped escaped; returns the offset behind it in `to`, where there is room for it. */
export const copyEscaped = (from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number => {
  for (let i = start; i < end; i++) {
    const byte = from[i]!
    if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) to[at++] = byte
    else at = escape(byte, to, at)
  }
  return at
}

const escape = (byte: number, to: Uint8Array, at: number): number => {
  to[at++] = BACKSLASH
  const letter = letters.get(byte)
  if (letter !== undefined) {
    to[at++] = letter
    return at
  }
  to[at++] = 0x75
  to[at++] = to[at++] = 0x30
  to[at++] = HEX[byte >> 4]!
  to[at++] = HEX[byte & 15]!
  return at
}
