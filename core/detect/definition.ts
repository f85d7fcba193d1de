import type { Characters } from "./arithmetic.ts"

/** How a value is to be hidden: the kinds that a data set may name. */
export type Kind =
  | "email"
  | "phone"
  | "name"
  | "address"
  | "date_of_birth"
  | "us_ssn"
  | "national_id"
  | "iban"
  | "card"
  | "ip"
  | "secret"
  | "free_text"
  | "redact"

/** A sort of identifier that is letters and digits, perhaps in groups, and that can be checked. */
export interface Definition {
  /** Its name, such as `es_dni`: the country, then what it is called there. */
  readonly type: string
  readonly kind: Kind
  /** `9` a digit, `A` a letter, `X` either; separators left out. A value has one of these shapes. */
  readonly shapes: ReadonlyArray<string>
  /**
   * How it is usually written, as `999.999.999-99`; `~` is a blank, a hyphen or a dot, everywhere the same. Digits and
   * letters only count places.
   */
  readonly layouts?: ReadonlyArray<string>
  /** ln of how much rarer something else is written so than just together. 3 unless told. */
  readonly layoutWeight?: number
  /** Written in no other way, and not just together, even where the caller asks for this type. */
  readonly strictLayout?: boolean
  /** Whether `text`, of one of the shapes, is one. Undefined: the shape is all there is to check. */
  readonly check?: (text: Characters, length: number) => boolean
  /** The share of random values of the same shape that pass, measured. */
  readonly passRate: number
  /** ln of how much rarer this shape is among words than digits are. 0 unless told. */
  readonly shapeWeight?: number
  /** What stands near it, or heads its column: lower case. */
  readonly words: ReadonlyArray<string>
}

type Rest = Omit<Definition, "type" | "kind" | "words">

/** A national identifier; the words apart by commas. */
export const identifier = (type: string, words: string, rest: Rest): Definition => ({
  type,
  kind: "national_id",
  words: words.split(","),
  ...rest
})
