import type { BinaryReader } from "./read-binary.ts"

/** Days from 1970-01-01 to 2000-01-01, where PostgreSQL counts from. */
const EPOCH_DAYS = 10957
const DAY_MILLISECONDS = 86_400_000
const DAY_MICROSECONDS = 86_400_000_000n
const INT32_MAX = 2_147_483_647
const INT64_MAX = 9_223_372_036_854_775_807n
/** Days since 2000-01-01 of the years 1 to 9999, which alone are written without an era. */
const FIRST_DAY = -730_119
const LAST_DAY = 2_921_939

const two = (value: number): string => String(value).padStart(2, "0")

const dayOf = (days: number): string | undefined =>
  days < FIRST_DAY || days > LAST_DAY
    ? undefined
    : new Date((days + EPOCH_DAYS) * DAY_MILLISECONDS).toISOString().slice(0, 10)

const clockOf = (microseconds: bigint): string => {
  const seconds = Number(microseconds / 1_000_000n)
  const fraction = String(microseconds % 1_000_000n).padStart(6, "0").replace(/0+$/, "")
  const whole = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return fraction === "" ? whole : `${whole}.${fraction}`
}

const date: BinaryReader = (bytes) => {
  if (bytes.length !== 4) return undefined
  const days = bytes.readInt32BE()
  if (days === INT32_MAX) return "infinity"
  return days === -INT32_MAX - 1 ? "-infinity" : dayOf(days)
}

const time: BinaryReader = (bytes) => {
  if (bytes.length !== 8) return undefined
  const microseconds = bytes.readBigInt64BE()
  return microseconds < 0n || microseconds > DAY_MICROSECONDS ? undefined : clockOf(microseconds)
}

const timestamp = (zone: "" | "+00"): BinaryReader => (bytes) => {
  if (bytes.length !== 8) return undefined
  const microseconds = bytes.readBigInt64BE()
  if (microseconds === INT64_MAX) return "infinity"
  if (microseconds === -INT64_MAX - 1n) return "-infinity"
  const ofDay = ((microseconds % DAY_MICROSECONDS) + DAY_MICROSECONDS) % DAY_MICROSECONDS
  const day = dayOf(Number((microseconds - ofDay) / DAY_MICROSECONDS))
  return day === undefined ? undefined : `${day} ${clockOf(ofDay)}${zone}`
}

const plural = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? "" : "s"}`

/** As `IntervalStyle = postgres` writes it. */
const interval: BinaryReader = (bytes) => {
  if (bytes.length !== 16) return undefined
  const microseconds = bytes.readBigInt64BE(0)
  const days = bytes.readInt32BE(8)
  const months = bytes.readInt32BE(12)
  const clock = `${microseconds < 0n ? "-" : ""}${clockOf(microseconds < 0n ? -microseconds : microseconds)}`
  const parts = [
    Math.trunc(months / 12) === 0 ? "" : plural(Math.trunc(months / 12), "year"),
    months % 12 === 0 ? "" : plural(months % 12, "mon"),
    days === 0 ? "" : plural(days, "day")
  ].filter((part) => part !== "")
  return parts.length > 0 && microseconds === 0n ? parts.join(" ") : [...parts, clock].join(" ")
}

/** Dates and times, as `DateStyle = ISO` writes them; of the time zone UTC where there is one. */
export const timeReaders: Readonly<Record<string, BinaryReader>> = {
  date,
  time,
  timestamp: timestamp(""),
  timestamptz: timestamp("+00"),
  interval
}
