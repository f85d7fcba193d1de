import type { ValueType } from "../../../core/family/sql/index.ts"
import { passesLuhn } from "./luhn.ts"
import type { Operator } from "./operator.ts"
import { charactersMax, classOf } from "./value-class.ts"

export interface Kept {
  readonly first: number
  readonly last: number
}

/** Always as many, so that a mask does not say how long the value is. */
const HIDDEN = "****"
/** Of the signs that count, at least these many, and at least a third, stay hidden. */
const HIDDEN_SIGNS_MIN = 4
/** What the payment card industry lets be shown of a card number (PCI DSS 3.4.1). */
const CARD: Kept = { first: 6, last: 4 }

/**
 * `use: partial`: the ends of the value, or nothing of it when it is so short that they would give it away. Of an
 * e-mail address, the first characters and the domain.
 */
export const partial = (kept: Kept, kind: string, constant: string): Operator => ({
  use: "partial",
  fixed: false,
  constant,
  of: (text, type) => {
    switch (classOf(type)) {
      case "text":
        return fitting(kind === "email" ? mail(text, kept) : ends(text, kept, kind), type)
      case "integer":
        return number(text, kept)
      case "uuid":
        return uuid(text, kept)
      default:
        return undefined
    }
  }
})

const fitting = (mask: string | undefined, type: ValueType): string | undefined =>
  mask !== undefined && mask.length <= charactersMax(type) ? mask : undefined

const mail = (text: string, { first }: Kept): string | undefined => {
  const at = text.lastIndexOf("@")
  if (at < 1 || /\s/.test(text)) return undefined
  const local = Array.from(text.slice(0, at))
  return local.slice(0, Math.min(first, Math.floor(local.length / 2))).join("") + HIDDEN + text.slice(at)
}

/** Only letters and digits count: what stands between them hides nothing. */
const ends = (text: string, { first, last }: Kept, kind: string): string | undefined => {
  const signs = Array.from(text.replaceAll(/[^\p{L}\p{N}]/gu, ""))
  const card = kind === "card" || passesLuhn(text)
  const head = card ? Math.min(first, CARD.first) : first
  const tail = card ? Math.min(last, CARD.last) : last
  if (!hidesEnough(signs.length, head + tail)) return undefined
  return signs.slice(0, head).join("") + HIDDEN + (tail === 0 ? "" : signs.slice(-tail).join(""))
}

const hidesEnough = (signs: number, kept: number): boolean =>
  signs - kept >= Math.max(HIDDEN_SIGNS_MIN, Math.ceil(signs / 3))

/** Hidden digits become zeros. */
const number = (text: string, { first, last }: Kept): string | undefined => {
  const negative = text.startsWith("-")
  const digits = negative ? text.slice(1) : text
  if (!hidesEnough(digits.length, first + last)) return undefined
  const zeros = "0".repeat(digits.length - first - last)
  return String(BigInt(digits.slice(0, first) + zeros + (last === 0 ? "" : digits.slice(-last))))
}

const uuid = (text: string, { first, last }: Kept): string | undefined => {
  let sign = 0
  return hidesEnough(32, first + last)
    ? text.replaceAll(/[0-9a-f]/g, (digit) => (sign++ < first || sign > 32 - last ? digit : "0"))
    : undefined
}
