import { isDigitAt, isWordAt, LETTER, runStart, startsWith } from "./bytes.ts"
import { context } from "./context.ts"
import { lineWords, phoneWords, thingWords } from "./context-words.ts"

const HYPHEN = 45

/** Whether a word for a telephone stands near the span. */
export const isNearPhone = (bytes: Uint8Array, start: number, end: number): boolean => {
  if (end - start === bytes.length) return false
  context.read(start, end)
  if (context.has(phoneWords)) return true
  context.readRightBehind(end)
  return context.has(lineWords)
}

export const isNearThing = (start: number): boolean => {
  context.readRightBefore(start)
  return context.has(thingWords)
}

/** No part above 99, and not of a private network: one address in fifty, and most versions of four parts. */
export const looksLikeVersion = (bytes: Uint8Array, start: number, end: number): boolean => {
  if (startsWith(bytes, start, "10.") || bytes[end - 1] === 47) return false
  let run = 0
  let parts = 0
  for (let at = start; at <= end; at++) {
    if (isDigitAt(bytes, at) && at < end) run++
    else {
      if (run > 2) return false
      parts += run
      run = 0
    }
  }
  // 1.1.1.1, 8.8.8.8 and 0.0.0.0 are addresses that everybody knows.
  return parts > 4
}

/** A plus, a bracket, or both, stand before the number: `+44`, `(020)`, `+(44)`, `(+44)`. */
export const phoneStart = (bytes: Uint8Array, start: number, floor: number): number => {
  let from = start
  for (let i = 0; i < 2 && from > floor && (bytes[from - 1] === 40 || bytes[from - 1] === 43); i++) from--
  return from
}

/**
 * The start of the few letters, of up to two groups, that stand before the number as its part: `AA 12 34 56 B`,
 * `DE 123456789`.
 */
export const prefixStart = (bytes: Uint8Array, start: number, floor: number): number => {
  const gap = bytes[start - 1]
  if (start - 1 <= floor || (gap !== 32 && gap !== HYPHEN && gap !== 46)) return start
  const from = runStart(bytes, start - 1, LETTER, Math.max(floor, start - 6))
  return from === start - 1 || start - 1 - from > 4 || isWordAt(bytes, from - 1) ? start : from
}
