import { DIGIT, isDigitAt, runEnd } from "./bytes.ts"

/** A decimal number of at most `most`, with three places at least: where it ends, or -1. */
const decimalEnd = (bytes: Uint8Array, at: number, most: number): number => {
  const from = bytes[at] === 45 || bytes[at] === 43 ? at + 1 : at
  const whole = runEnd(bytes, from, DIGIT)
  if (whole === from || whole - from > 3 || bytes[whole] !== 46) return -1
  let value = 0
  for (let i = from; i < whole; i++) value = value * 10 + bytes[i]! - 48
  const end = runEnd(bytes, whole + 1, DIGIT)
  return value <= most && end - whole > 3 ? end : -1
}

/**
 * Where the latitude and longitude that begin at `at` end, or -1: with three decimal places, apart by a comma or
 * blank.
 */
export const coordinatesEnd = (bytes: Uint8Array, at: number): number => {
  const latitude = decimalEnd(bytes, at, 90)
  if (latitude < 0) return -1
  let from = latitude
  if (bytes[from] === 44 || bytes[from] === 59) from++
  while (bytes[from] === 32 && from - latitude < 3) from++
  if (from === latitude || !(isDigitAt(bytes, from) || bytes[from] === 45 || bytes[from] === 43)) return -1
  const longitude = decimalEnd(bytes, from, 180)
  return longitude < 0 || bytes[longitude] === 46 ? -1 : longitude
}
