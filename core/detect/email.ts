import { classAt, DIGIT, HIGH, isWordAt, LETTER, MAILBOX, runStart } from "./bytes.ts"

/** Where the address around the `@` at `at` begins, or -1. Looks no further back than `floor`. */
export const emailStart = (bytes: Uint8Array, at: number, floor: number): number => {
  let start = runStart(bytes, at, MAILBOX, Math.max(floor, at - 64))
  while (start < at && !isWordAt(bytes, start) && bytes[start]! < 128 && bytes[start] !== 95) start++
  for (let i = start; i < at; i++) if (bytes[i] === 46 && bytes[i + 1] === 46) return -1
  return start < at && bytes[at - 1] !== 46 ? start : -1
}

/** Where the domain after the `@` at `at` ends, or -1: labels of letters, digits and hyphens, the last a name. */
export const domainEnd = (bytes: Uint8Array, at: number): number => {
  let end = -1
  let from = at + 1
  for (let labels = 1; labels < 12; labels++) {
    let to = from
    while ((classAt(bytes, to) & (LETTER | DIGIT | HIGH)) !== 0 || (bytes[to] === 45 && to > from)) to++
    if (to === from || to - from > 63) break
    if (labels > 1) {
      const name = nameEnd(bytes, from, to)
      if (name > 0) end = name
    }
    if (bytes[to] !== 46) break
    from = to + 1
  }
  return end
}

/** The end of a top-level name that begins at `from`: two letters or more; digits that stick to it are not its own. */
const nameEnd = (bytes: Uint8Array, from: number, to: number): number => {
  if (to - from > 4 && bytes[from] === 120 && bytes[from + 1] === 110 && bytes[from + 2] === 45) return to
  let end = from
  while (end < to && (classAt(bytes, end) & (LETTER | HIGH)) !== 0 && !isSign(bytes, end)) end++
  return end - from >= 2 ? end : -1
}

/**
 * The first byte of a sign, or of a blank, that is not ASCII: no part of a name (U+0080–00BF, U+2000–, U+3000,
 * U+FF..).
 */
const isSign = (bytes: Uint8Array, at: number): boolean => {
  const byte = bytes[at]
  return byte === 0xc2 || (byte === 0xe2 && bytes[at + 1]! < 0xb0) || (byte === 0xe3 && bytes[at + 1] === 0x80)
    || byte === 0xef
}
