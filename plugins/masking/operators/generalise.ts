import type { ValueType } from "../../../core/family/sql/index.ts"
import { addressOf, networkText } from "./address.ts"
import { datedOf, floored } from "./dates.ts"
import type { Operator } from "./operator.ts"
import { classOf, type ValueClass } from "./value-class.ts"

export interface Coarseness {
  readonly to: "year" | "month" | "zip3" | "network" | "band"
  readonly band: number
  readonly ipv4Bits: number
  readonly ipv6Bits: number
}

type Generaliser = (text: string, valueClass: ValueClass, coarse: Coarseness) => string | undefined

/** `use: generalise`: the class that a value is in: its year, its region, its network, its band. */
export const generalise = (coarse: Coarseness, constant: string): Operator => ({
  use: "generalise",
  fixed: false,
  constant,
  of: (text, type: ValueType) => generalisers[coarse.to](text, classOf(type), coarse)
})

const toYear = (text: string, valueClass: ValueClass, months: boolean): string | undefined => {
  if (valueClass !== "date" && valueClass !== "text") return undefined
  const dated = datedOf(text)
  if (dated === undefined) return undefined
  if (valueClass === "text") return text.slice(0, months ? 7 : 4)
  return floored(dated.year, months ? dated.month : 1, dated.rest)
}

/** The first three digits of a ZIP code of the United States, with or without its +4. */
const zip3: Generaliser = (text, valueClass) => {
  if (valueClass === "integer")
    return /^[0-9]{1,5}$/.test(text)
      ? String(Math.floor(Number(text) / 100) * 100)
      : undefined
  return valueClass === "text" && /^[0-9]{5}(-?[0-9]{4})?$/.test(text) ? `${text.slice(0, 3)}**` : undefined
}

const network: Generaliser = (text, valueClass, { ipv4Bits, ipv6Bits }) => {
  const address = valueClass === "network" || valueClass === "text" ? addressOf(text) : undefined
  if (address === undefined) return undefined
  return networkText(address, Math.min(address.bits, address.bytes.length === 4 ? ipv4Bits : ipv6Bits))
}

/** Numbers down to a multiple of the band, dates to a year that is one; text as `30-39`. */
const band: Generaliser = (text, valueClass, { band: width }) => {
  switch (valueClass) {
    case "integer":
      return String(multiple(BigInt(text), BigInt(width)))
    case "numeric":
    case "float": {
      const whole = /^(-?[0-9]+)(?:\.([0-9]+))?$/.exec(text)
      if (whole === null) return undefined
      const below = text.startsWith("-") && /[1-9]/.test(whole[2] ?? "") ? 1n : 0n
      return String(multiple(BigInt(whole[1]!) - below, BigInt(width)))
    }
    case "date": {
      const dated = datedOf(text)
      return dated === undefined ? undefined : floored(Math.max(1, dated.year - dated.year % width), 1, dated.rest)
    }
    case "text": {
      if (!/^[0-9]{1,15}$/.test(text)) return undefined
      const from = multiple(BigInt(text), BigInt(width))
      return `${from}-${from + BigInt(width) - 1n}`
    }
    default:
      return undefined
  }
}

const multiple = (value: bigint, width: bigint): bigint => value - ((value % width) + width) % width

const generalisers: Readonly<Record<Coarseness["to"], Generaliser>> = {
  year: (text, valueClass) => toYear(text, valueClass, false),
  month: (text, valueClass) => toYear(text, valueClass, true),
  zip3,
  network,
  band
}
