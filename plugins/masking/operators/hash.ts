import type { ValueType } from "../../../core/family/sql/index.ts"
import type { Digest } from "./keyed.ts"
import type { Operator } from "./operator.ts"
import { canonical, charactersMax, classOf, integerBits } from "./value-class.ts"

/** Fewer hexadecimal digits than these collide too soon to be worth anything. */
const HEX_MIN = 16
/** Digits of a number without declared precision: what a double still holds. */
const NUMERIC_DIGITS = 15
const NUMERIC_DIGITS_MIN = 9

/** `use: hash`: HMAC-SHA-256 of the value, as much of it as the type holds. One way; equal values have equal masks. */
export const hash = (digest: Digest, constant: string): Operator => ({
  use: "hash",
  fixed: false,
  constant,
  of: (text, type) => {
    const mac = digest.of(canonical(text, type))
    if (classOf(type) !== "text") return inType(mac, type)
    return charactersMax(type) < HEX_MIN ? undefined : mac.toString("hex").slice(0, charactersMax(type))
  }
})

/** Pseudorandom bytes as a value of a type that is no text; undefined for types that have too few values. */
export const inType = (mac: Buffer, type: ValueType): string | undefined => {
  switch (classOf(type)) {
    case "uuid":
      return uuidOf(mac)
    case "bytea":
      return `\\x${mac.toString("hex")}`
    case "json":
      return `"${mac.toString("hex")}"`
    case "integer": {
      const bits = integerBits(type)
      return bits === 15 ? undefined : String(mac.readBigUInt64BE() >> BigInt(64 - bits))
    }
    case "numeric": {
      const { precision = NUMERIC_DIGITS, scale = 0 } = type
      const digits = Math.min(NUMERIC_DIGITS, precision - scale)
      return digits < NUMERIC_DIGITS_MIN ? undefined : String(mac.readBigUInt64BE() % 10n ** BigInt(digits))
    }
    default:
      return undefined
  }
}

/** Version 8, of one's own making (RFC 9562): told from every uuid that a generator makes. */
const uuidOf = (mac: Buffer): string => {
  const hex = mac.toString("hex", 0, 16)
  const variant = (8 + (mac[8]! >> 6)).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}
