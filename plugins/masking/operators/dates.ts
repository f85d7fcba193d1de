/** A date or a time stamp in ISO form, apart: the day, and what comes behind it. */
export interface Dated {
  readonly year: number
  readonly month: number
  readonly day: number
  /** The time of day with its zone, or nothing; with the space or the `T` before it. */
  readonly rest: string
}

const reader = /^([0-9]{4})-([0-9]{2})-([0-9]{2})($|[ T].{0,40}$)/
const DAY_MILLISECONDS = 86_400_000

/** Undefined for what is no date of the years 1 to 9999: infinity, other eras, other styles. */
export const datedOf = (text: string): Dated | undefined => {
  const match = reader.exec(text)
  if (match === null) return undefined
  return { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]), rest: match[4]! }
}

/** `text` with its day moved by `days`; undefined beyond the years 1 to 9999. */
export const shifted = ({ day, month, rest, year }: Dated, days: number): string | undefined => {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setTime(date.getTime() + days * DAY_MILLISECONDS)
  const to = date.getUTCFullYear()
  return to < 1 || to > 9999 ? undefined : date.toISOString().slice(0, 10) + rest
}

/** The first moment of a year or month, in the form that `rest` had. */
export const floored = (year: number, month: number, rest: string): string => {
  const day = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-01`
  if (rest === "") return day
  const zone = /(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)$/.exec(rest)?.[0] ?? ""
  return `${day}${rest[0]}00:00:00${zone}`
}
