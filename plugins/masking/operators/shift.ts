import { datedOf, shifted } from "./dates.ts"
import type { Digest } from "./keyed.ts"
import type { Operator } from "./operator.ts"
import { classOf } from "./value-class.ts"

/**
 * `use: shift`: dates moved by up to `daysMax` days, never by none. By how many hangs on the key and the subject, so
 * that what lies between two dates of one subject stays; without a subject, on the value.
 */
export const shift = (digest: Digest, daysMax: number, by: string | undefined, constant: string): Operator => ({
  use: "shift",
  fixed: false,
  constant,
  ...(by === undefined ? {} : { by }),
  of: (text, type, subject) => {
    const valueClass = classOf(type)
    const dated = valueClass === "date" || valueClass === "text" ? datedOf(text) : undefined
    if (dated === undefined || (by !== undefined && subject === undefined)) return undefined
    return shifted(dated, offsetOf(digest.of(by === undefined ? text : subject!), daysMax))
  }
})

const offsetOf = (mac: Buffer, daysMax: number): number =>
  (1 + mac.readUIntBE(0, 6) % daysMax) * (mac[6]! % 2 === 0 ? 1 : -1)
