import { type Characters, isUniform, luhn, numberAt } from "../arithmetic.ts"
import type { Definition } from "../definition.ts"

/** The ranges of issuers that give out numbers of this length (ISO/IEC 7812; the schemes' public tables). */
const isIssued = (text: Characters, length: number): boolean => {
  const two = numberAt(text, 0, 2)
  const four = numberAt(text, 0, 4)
  if (text[0] === 52) return length === 13 || length === 16 || length === 19
  if (two >= 51 && two <= 55) return length === 16
  if (four >= 2221 && four <= 2720) return length === 16
  if (two === 34 || two === 37) return length === 15
  if (four === 2131 || four === 1800) return length === 15
  if (two === 35) return length >= 16
  if (two === 36 || two === 38 || two === 39 || (four >= 3000 && four <= 3059)) return length >= 14 && length !== 15
  if (two === 65 || four === 6011 || (four >= 6440 && four <= 6499) || two === 62) return length >= 16
  if (four >= 2200 && four <= 2204) return length >= 16
  return length >= 16 && isMaestro(text)
}

const isMaestro = (text: Characters): boolean => {
  const four = numberAt(text, 0, 4)
  return four === 604 || four === 5018 || four === 5019 || four === 5020 || four === 5038 || four === 5893
    || four === 6304
    || (four >= 6759 && four <= 6763) || four === 6390 || four === 677
}

const isCard = (text: Characters, length: number): boolean =>
  luhn(text, 0, length) && isIssued(text, length) && !isUniform(text, length)

/** Short Maestro numbers, and UATP's, whose ranges are wide: weak by themselves. */
const isRareCard = (text: Characters, length: number): boolean =>
  luhn(text, 0, length) && !isUniform(text, length)
  && (isMaestro(text) || (text[0] === 49 && length === 15)
    || (numberAt(text, 0, 2) >= 56 && numberAt(text, 0, 2) <= 58))

const words = [
  "card",
  "credit",
  "debit",
  "visa",
  "mastercard",
  "amex",
  "cc",
  "kreditkarte",
  "carte",
  "tarjeta",
  "carta"
]
const digits = (length: number): string => "9".repeat(length)

/** Payment cards. */
export const cards: ReadonlyArray<Definition> = [
  {
    type: "card",
    kind: "card",
    shapes: [13, 14, 15, 16, 17, 18, 19].map(digits),
    layouts: ["9999~9999~9999~9999", "9999~999999~99999", "9999~999999~9999", "9999~9999~9999~9999~999"],
    layoutWeight: 4,
    check: isCard,
    passRate: 0.011,
    shapeWeight: 0.8,
    words
  },
  {
    type: "card",
    kind: "card",
    shapes: [12, 13, 14, 15].map(digits),
    check: isRareCard,
    passRate: 0.02,
    words
  }
]
