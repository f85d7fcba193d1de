import type { Form } from "./form.ts"

/** Days from 1970-01-01 to 2000-01-01, where PostgreSQL counts from. */
const EPOCH_DAYS = 10957
const DAY_MICROSECONDS = 86_400_000_000n
const INT32_MAX = 2_147_483_647
const INT64_MAX = 9_223_372_036_854_775_807n

const DATE = "([0-9]{4})-([0-9]{2})-([0-9]{2})"
const TIME = "([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\\.([0-9]{1,6}))?"
const ZONE = "([+-])([0-9]{2})(?::([0-9]{2}))?"

/** Days since 2000-01-01, for years 1 to 9999; undefined when there is no such day. */
const daysOf = (year: string, month: string, day: string): number | undefined => {
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (year === "0000" || date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined
  return date.getTime() / 86_400_000 - EPOCH_DAYS
}

const microsecondsOf = (hours: string, minutes: string, seconds: string, fraction = ""): bigint =>
  BigInt((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000_000n + BigInt(fraction.padEnd(6, "0"))

const isTimeOfDay = (hours: string, minutes: string, seconds: string, microseconds: bigint): boolean =>
  Number(minutes) < 60 && Number(seconds) < 60 && Number(hours) <= 24 && microseconds <= DAY_MICROSECONDS

/** The server writes no zeros at the end of a fraction. */
const trimmed = (text: string): string => text.replace(/(\.[0-9]*?)0+(?=[^0-9]|$)/, "$1").replace(/\.(?=[^0-9]|$)/, "")

const int64 = (value: bigint): Uint8Array => {
  const to = Buffer.alloc(8)
  to.writeBigInt64BE(value)
  return to
}

const int32 = (value: number): Uint8Array => {
  const to = Buffer.alloc(4)
  to.writeInt32BE(value)
  return to
}

const infinity = (text: string): 1 | -1 | undefined => text === "infinity" ? 1 : text === "-infinity" ? -1 : undefined

/** A form that is read by `read`, which answers the number that the binary form holds. */
const form = <A>(read: (text: string) => A | undefined, write: (value: A) => Uint8Array): Form => ({
  text: (text) => read(text) === undefined ? undefined : trimmed(text),
  binary: (text) => write(read(text)!)
})

const dateReader = new RegExp(`^${DATE}$`)
const date = form((text) => {
  const sign = infinity(text)
  if (sign !== undefined) return sign > 0 ? INT32_MAX : -INT32_MAX - 1
  const match = dateReader.exec(text)
  return match === null ? undefined : daysOf(match[1]!, match[2]!, match[3]!)
}, int32)

const timeReader = new RegExp(`^${TIME}$`)
const time = form((text) => {
  const match = timeReader.exec(text)
  if (match === null) return undefined
  const [, hours, minutes, seconds, fraction] = match
  const microseconds = microsecondsOf(hours!, minutes!, seconds!, fraction)
  return isTimeOfDay(hours!, minutes!, seconds!, microseconds) ? microseconds : undefined
}, int64)

/** Midnight at the end of a day is written as the beginning of the next. */
const timestampOf = (match: RegExpExecArray | null): bigint | undefined => {
  if (match === null) return undefined
  const [, year, month, day, hours, minutes, seconds, fraction] = match
  const days = daysOf(year!, month!, day!)
  const microseconds = microsecondsOf(hours!, minutes!, seconds!, fraction)
  if (days === undefined || hours === "24" || !isTimeOfDay(hours!, minutes!, seconds!, microseconds)) return undefined
  return BigInt(days) * DAY_MICROSECONDS + microseconds
}

const infinite = (text: string): bigint | undefined => {
  const sign = infinity(text)
  return sign === undefined ? undefined : sign > 0 ? INT64_MAX : -INT64_MAX - 1n
}

const timestampReader = new RegExp(`^${DATE} ${TIME}$`)
const timestamp = form((text) => infinite(text) ?? timestampOf(timestampReader.exec(text)), int64)

const timestamptzReader = new RegExp(`^${DATE} ${TIME}${ZONE}$`)
const timestamptz = form((text) => {
  const match = timestamptzReader.exec(text)
  const local = timestampOf(match)
  if (local === undefined) return infinite(text)
  const [sign, hours, minutes = "00"] = match!.slice(8)
  if (Number(hours) > 15 || Number(minutes) > 59) return undefined
  const offset = microsecondsOf(hours!, minutes, "00")
  return sign === "-" ? local + offset : local - offset
}, int64)

interface Interval {
  readonly months: number
  readonly days: number
  readonly microseconds: bigint
}

/** As `IntervalStyle = postgres` writes it: `1 year 2 mons -3 days +04:05:06.7`. */
const quantity = (unit: string): string => `(?:([+-]?[0-9]{1,9}) ${unit}s?(?: (?=.)|$))?`
const intervalReader = new RegExp(
  `^(?=.)${quantity("year")}${quantity("mon")}${quantity("day")}`
    + "(?:([+-]?)([0-9]{2,9}):([0-9]{2}):([0-9]{2})(?:\\.([0-9]{1,6}))?)?$"
)
const interval = form<Interval>((text) => {
  const match = intervalReader.exec(text)
  if (match === null) return undefined
  const [, years = "0", months = "0", days = "0", sign, hours = "0", minutes = "0", seconds = "0", fraction] = match
  if (Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const total = Number(years) * 12 + Number(months)
  if (Math.abs(total) > INT32_MAX) return undefined
  const microseconds = microsecondsOf(hours, minutes, seconds, fraction)
  return { months: total, days: Number(days), microseconds: sign === "-" ? -microseconds : microseconds }
}, ({ days, microseconds, months }) => Buffer.concat([int64(microseconds), int32(days), int32(months)]))

/** Dates and times, as `DateStyle = ISO` writes them. */
export const timeForms: Readonly<Record<string, Form>> = { date, time, timestamp, timestamptz, interval }
