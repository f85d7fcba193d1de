import { isDay } from "./arithmetic.ts"
import { classAt, DIGIT, isDigitAt, isWordAt, LETTER, lower, runEnd, runStart } from "./bytes.ts"

/** A date that was found: where, and how much its form says. */
export interface DateSpan {
  readonly start: number
  readonly end: number
  /** A whole date of four-digit year; one that says less; a machine's time stamp (`T` between date and time). */
  readonly form: "full" | "short" | "stamp"
}

const number = (bytes: Uint8Array, from: number, to: number): number => {
  let value = 0
  for (let i = from; i < to; i++) value = value * 10 + bytes[i]! - 48
  return value
}

const isYear = (year: number): boolean => year >= 1800 && year <= 2199

/** The date whose first digits begin at `at`. */
export const dateAt = (bytes: Uint8Array, at: number, floor: number): DateSpan | undefined => {
  const first = runEnd(bytes, at, DIGIT)
  const size = first - at
  if (size === 0 || size > 4 || isWordAt(bytes, at - 1)) return undefined
  return numeric(bytes, at, first) ?? dayFirst(bytes, at, first) ?? monthFirst(bytes, at, first, floor)
}

/** Three numbers with the same separator: the year first, or last. */
const numeric = (bytes: Uint8Array, at: number, first: number): DateSpan | undefined => {
  const separator = bytes[first]
  if (separator !== 45 && separator !== 47 && separator !== 46) return undefined
  const second = runEnd(bytes, first + 1, DIGIT)
  if (second - first < 2 || second - first > 3 || bytes[second] !== separator) return undefined
  const third = runEnd(bytes, second + 1, DIGIT)
  const size = third - second - 1
  if (isWordAt(bytes, third) && bytes[third] !== 84) return undefined
  const a = number(bytes, at, first)
  const b = number(bytes, first + 1, second)
  const c = number(bytes, second + 1, third)
  if (first - at === 4 && size >= 1 && size <= 2)
    return isYear(a) && isDay(a, b, c)
      ? timed(bytes, at, third)
      : undefined
  if (first - at > 2 || (size !== 4 && size !== 2) || (bytes[third] === 45 && isDigitAt(bytes, third + 1))) {
    return undefined
  }
  const isRight = isDay(c, b, a) || (separator !== 46 && isDay(c, a, b))
  if (!isRight || (size === 4 && !isYear(c))) return undefined
  return size === 4 ? timed(bytes, at, third) : { start: at, end: third, form: "short" }
}

/** Adds the time of day that follows. */
const timed = (bytes: Uint8Array, start: number, end: number): DateSpan | undefined => {
  const stamp = bytes[end] === 84 || bytes[end] === 116
  if (!stamp && bytes[end] !== 32) return { start, end, form: "full" }
  let to = end + 1
  let parts = 0
  for (; parts < 3; parts++) {
    const next = runEnd(bytes, to, DIGIT)
    if (next - to !== 2) break
    to = next
    if (bytes[to] !== 58) {
      parts++
      break
    }
    to++
  }
  if (parts < 2) return stamp ? undefined : { start, end, form: "full" }
  if (bytes[to] === 46) to = Math.max(to, runEnd(bytes, to + 1, DIGIT))
  return { start, end: zoneEnd(bytes, to), form: stamp ? "stamp" : "full" }
}

const zoneEnd = (bytes: Uint8Array, at: number): number => {
  if (bytes[at] === 90) return at + 1
  if (bytes[at] !== 43 && bytes[at] !== 45) return at
  const hours = runEnd(bytes, at + 1, DIGIT)
  if (hours - at === 5) return hours
  return hours - at === 3 && bytes[hours] === 58 ? runEnd(bytes, hours + 1, DIGIT) : at
}

const monthNames = [
  "jan,january,januar,janvier,enero,gennaio,janeiro,januari",
  "feb,february,februar,février,fevrier,febrero,febbraio,fevereiro,februari",
  "mar,march,märz,maerz,mars,marzo,março,maart",
  "apr,april,avril,abril,aprile",
  "may,mai,mayo,maggio,maio,mei",
  "jun,june,juni,juin,junio,giugno,junho",
  "jul,july,juli,juillet,julio,luglio,julho",
  "aug,august,août,aout,agosto,augustus",
  "sep,sept,september,septembre,septiembre,settembre,setembro",
  "oct,october,oktober,okt,octobre,octubre,ottobre,outubro",
  "nov,november,novembre,noviembre,novembro",
  "dec,december,dezember,dez,décembre,diciembre,dicembre,dezembro"
]
const monthOf = new Map(monthNames.flatMap((names, i) => names.split(",").map((name) => [name, i + 1] as const)))
const decoder = new TextDecoder()

/** The month that the word names, or 0. */
const month = (bytes: Uint8Array, from: number, to: number): number => {
  if (to - from < 3 || to - from > 12) return 0
  const first = lower(bytes[from]!)
  return "jfmasonde".includes(String.fromCharCode(first))
    ? monthOf.get(decoder.decode(bytes.subarray(from, to)).toLowerCase()) ?? 0
    : 0
}

const wordEnd = (bytes: Uint8Array, at: number): number => {
  let end = at
  while ((classAt(bytes, end) & LETTER) !== 0 || bytes[end]! > 127) end++
  return end
}

/** `5 March 2021`, `5th of March, 2021`, `05-MAR-21`. */
const dayFirst = (bytes: Uint8Array, at: number, first: number): DateSpan | undefined => {
  const day = number(bytes, at, first)
  if (first - at > 2 || day < 1 || day > 31) return undefined
  let from = first
  const suffix = String.fromCharCode(lower(bytes[from] ?? 0), lower(bytes[from + 1] ?? 0))
  if (suffix === "th" || suffix === "st" || suffix === "nd" || suffix === "rd") from += 2
  const separator = bytes[from]
  if (separator === 46 && bytes[from + 1] === 32) from++
  if (bytes[from] !== 32 && separator !== 45 && separator !== 47) return undefined
  from++
  if (lower(bytes[from] ?? 0) === 111 && bytes[from + 1] === 102 && bytes[from + 2] === 32) from += 3
  const to = wordEnd(bytes, from)
  const found = month(bytes, from, to)
  if (found === 0 || !isDay(2000, found, day)) return undefined
  let yearFrom = to
  while (bytes[yearFrom] === 32 || bytes[yearFrom] === 44 || bytes[yearFrom] === 45 || bytes[yearFrom] === 47)
    yearFrom++
  const end = runEnd(bytes, yearFrom, DIGIT)
  if (yearFrom > to && end - yearFrom === 4 && isYear(number(bytes, yearFrom, end)) && !isWordAt(bytes, end)) {
    return { start: at, end, form: "full" }
  }
  return yearFrom > to && end - yearFrom === 2 && separator !== 32
    ? { start: at, end, form: "short" }
    : { start: at, end: to, form: "short" }
}

/** `March 5, 2021`: the month stands before the digits. */
const monthFirst = (bytes: Uint8Array, at: number, first: number, floor: number): DateSpan | undefined => {
  const to = bytes[at - 1] === 32 ? (bytes[at - 2] === 46 ? at - 2 : at - 1) : -1
  if (to <= floor) return undefined
  let start = runStart(bytes, to, LETTER, Math.max(floor, to - 12))
  while (start > floor && bytes[start - 1]! > 127) start = runStart(bytes, start - 1, LETTER, Math.max(floor, to - 12))
  const found = month(bytes, start, to)
  if (found === 0) return undefined
  const size = first - at
  const value = number(bytes, at, first)
  if (size === 4) return isYear(value) && !isWordAt(bytes, first) ? { start, end: first, form: "short" } : undefined
  let from = first
  const suffix = String.fromCharCode(lower(bytes[from] ?? 0), lower(bytes[from + 1] ?? 0))
  if (suffix === "th" || suffix === "st" || suffix === "nd" || suffix === "rd") from += 2
  if (size > 2 || !isDay(2000, found, value)) return undefined
  let yearFrom = from
  while (bytes[yearFrom] === 44 || bytes[yearFrom] === 32) yearFrom++
  const end = runEnd(bytes, yearFrom, DIGIT)
  return yearFrom > from && end - yearFrom === 4 && isYear(number(bytes, yearFrom, end)) && !isWordAt(bytes, end)
    ? { start, end, form: "full" }
    : { start, end: from, form: "short" }
}
