import type { Form } from "./form.ts"

const integer = (bytes: 2 | 4 | 8, signed: boolean): Form => {
  const bits = bytes * 8
  const fitted = (value: bigint): bigint => signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
  return {
    text: (text) => {
      if (!/^-?[0-9]{1,19}$/.test(text)) return undefined
      const value = BigInt(text)
      return fitted(value) === value ? String(value) : undefined
    },
    binary: (text) => {
      const to = Buffer.alloc(8)
      to.writeBigInt64BE(BigInt.asIntN(64, BigInt(text)))
      return to.subarray(8 - bytes)
    }
  }
}

/** IEEE 754. A number that would become infinite, or zero without being zero, is refused, as the server refuses it. */
const float = (bytes: 4 | 8): Form => {
  const round = bytes === 4 ? Math.fround : Number
  return {
    text: (text) => {
      if (text === "NaN" || text === "Infinity" || text === "-Infinity") return text
      if (text.length > 64 || !/^-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]{1,4})?$/.test(text)) return undefined
      const value = round(Number(text))
      return Number.isFinite(value) && (value !== 0 || /^-?[0.]+(e|$)/.test(text)) ? text : undefined
    },
    binary: (text) => {
      const to = Buffer.alloc(bytes)
      if (bytes === 4) to.writeFloatBE(Number(text))
      else to.writeDoubleBE(Number(text))
      return to
    }
  }
}

const NUMERIC_DIGITS_MAX = 1000
const NAN = 0xc000
const NEGATIVE = 0x4000

/** Without exponent and without infinity, which PostgreSQL has only since 14. */
const numeric: Form = {
  text: (text) => {
    if (text === "NaN") return text
    const match = text.length > NUMERIC_DIGITS_MAX ? null : /^(-?)0*([0-9]+?)(\.[0-9]+)?$/.exec(text)
    if (match === null) return undefined
    const [, sign, whole, fraction = ""] = match
    const magnitude = whole! + fraction
    return /^[0.]*$/.test(magnitude) ? magnitude : sign! + magnitude
  },
  /** `Int16(digits) Int16(weight) Int16(sign) Int16(scale) Int16(digit)...`, digits in base 10,000. */
  binary: (text) => {
    if (text === "NaN") return numericOf([], 0, NAN, 0)
    const [whole, fraction = ""] = text.replace("-", "").split(".")
    const groups = Math.ceil(whole!.length / 4)
    const padded = whole!.padStart(groups * 4, "0") + fraction.padEnd(Math.ceil(fraction.length / 4) * 4, "0")
    const digits = Array.from({ length: padded.length / 4 }, (_, i) => Number(padded.slice(i * 4, i * 4 + 4)))
    let weight = groups - 1
    while (digits[0] === 0) {
      digits.shift()
      weight--
    }
    while (digits[digits.length - 1] === 0) digits.pop()
    return numericOf(digits, digits.length === 0 ? 0 : weight, text.startsWith("-") ? NEGATIVE : 0, fraction.length)
  }
}

const numericOf = (digits: ReadonlyArray<number>, weight: number, sign: number, scale: number): Uint8Array => {
  const to = Buffer.alloc(8 + digits.length * 2)
  to.writeInt16BE(digits.length, 0)
  to.writeInt16BE(weight, 2)
  to.writeUInt16BE(sign, 4)
  to.writeInt16BE(scale, 6)
  digits.forEach((digit, i) => to.writeInt16BE(digit, 8 + i * 2))
  return to
}

const bool: Form = {
  text: (text) => text === "t" || text === "true" ? "t" : text === "f" || text === "false" ? "f" : undefined,
  binary: (text) => Uint8Array.of(text === "t" ? 1 : 0)
}

/** Truth and numbers. */
export const numberForms: Readonly<Record<string, Form>> = {
  bool,
  int2: integer(2, true),
  int4: integer(4, true),
  int8: integer(8, true),
  oid: integer(4, false),
  float4: float(4),
  float8: float(8),
  numeric
}
