/** What a byte is, for scanners: bits of one table, so that a look-up answers. */
export const DIGIT = 1
export const LETTER = 2
export const HEX = 4
export const SPACE = 8
/** What may stand between the groups of one number. */
export const SEPARATOR = 16
/** Part of a letter that is not ASCII. */
export const HIGH = 32
/** What may stand before the @ of an address. */
export const MAILBOX = 64

const classes = new Uint8Array(256)
const mark = (characters: string, bit: number): void => {
  for (const character of characters) classes[character.charCodeAt(0)]! |= bit
}
mark("0123456789", DIGIT | HEX | MAILBOX)
mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", LETTER | MAILBOX)
mark("abcdefABCDEF", HEX)
mark(" \t\r\n", SPACE)
mark(" -./+([", SEPARATOR)
mark("._%+-&", MAILBOX)
for (let byte = 128; byte < 256; byte++) classes[byte]! |= HIGH | MAILBOX

export const WORD = DIGIT | LETTER

/** The class of the byte at `at`, 0 outside of the text. */
export const classAt = (bytes: Uint8Array, at: number): number =>
  at >= 0 && at < bytes.length ? classes[bytes[at]!]! : 0

export const isDigitAt = (bytes: Uint8Array, at: number): boolean => (classAt(bytes, at) & DIGIT) !== 0
export const isWordAt = (bytes: Uint8Array, at: number): boolean => (classAt(bytes, at) & WORD) !== 0

/** The byte in lower case, where it is an ASCII letter. */
export const lower = (byte: number): number => byte >= 65 && byte <= 90 ? byte + 32 : byte

/** Whether the text at `at` begins with `word`, which is ASCII in lower case, in whichever case. */
export const startsWith = (bytes: Uint8Array, at: number, word: string): boolean => {
  if (at < 0 || at + word.length > bytes.length) return false
  for (let i = 0; i < word.length; i++) if (lower(bytes[at + i]!) !== word.charCodeAt(i)) return false
  return true
}

/** Where the run of bytes that have one of these classes ends. */
export const runEnd = (bytes: Uint8Array, at: number, mask: number): number => {
  let end = at
  while (end < bytes.length && (classes[bytes[end]!]! & mask) !== 0) end++
  return end
}

/** Where the run of bytes that have one of these classes, and ends before `at`, begins; not before `floor`. */
export const runStart = (bytes: Uint8Array, at: number, mask: number, floor: number): number => {
  let start = at
  while (start > floor && (classes[bytes[start - 1]!]! & mask) !== 0) start--
  return start
}
