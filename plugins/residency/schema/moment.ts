import * as Schema from "effect/Schema"

const day = /^(\d{4})-(\d{2})-(\d{2})$/
const instant =
  /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/** Whether the calendar has this day: 30 February is refused, not carried over into March. */
const exists = (year: number, month: number, date: number): boolean =>
  month >= 1 && month <= 12 && date >= 1 && date <= new Date(Date.UTC(year, month, 0)).getUTCDate()

/**
 * Reads a date of the file, in milliseconds since the epoch; undefined when it is not one. A bare day (`2027-06-30`)
 * means its start as a beginning, and the start of the next day as an end: the whole day is included, in UTC. An
 * instant is RFC 3339 with its offset: an end is the first instant at which the thing no longer holds.
 */
export const readMoment = (text: string, as: "start" | "end"): number | undefined => {
  const parts = day.exec(text) ?? instant.exec(text)
  if (parts === null || Number(parts[1]) < 1970 || !exists(Number(parts[1]), Number(parts[2]), Number(parts[3]))) {
    return undefined
  }
  if (parts.length > 4) return Date.parse(text)
  return Date.parse(`${text}T00:00:00Z`) + (as === "end" ? 86_400_000 : 0)
}

/**
 * A date in the file. Stays the text that was written, so that an error knows its place. The description is given
 * here because one that is put on a checked schema does not reach the JSON Schema.
 */
export const moment = (description: string) =>
  Schema.String.annotate({ description }).check(
    Schema.makeFilter((text) =>
      readMoment(text, "start") !== undefined
      || "expected a day (2027-06-30) or an instant with its offset (2026-12-01T12:00:00Z)"
    )
  )
