import type { Kind } from "./definition.ts"

/** Something that was found in a text. */
export interface Finding {
  /** What it is, such as `email`, `card`, `es_dni`. */
  readonly type: string
  /** How it is to be hidden; undefined for what is only recognised: an address of the web, a date of no birth. */
  readonly kind: Kind | undefined
  /** Bytes from the start of the text, in UTF-8; `end` is behind the last. */
  readonly start: number
  readonly end: number
  /** The sum of its evidence: ln of how much likelier this is one than not, before what came first. */
  readonly score: number
  readonly evidence: ReadonlyArray<Evidence>
}

/** What speaks for it: its check or form, how it is written, a word near it, that the caller asked for this type. */
export type Evidence = "check" | "form" | "layout" | "context" | "asked"

/** The types that have recognisers of their own, beside those of the registry. */
export const formTypes = {
  email: "email",
  phone: "phone",
  iban: "iban",
  ip: "ip",
  mac: "redact",
  url: undefined,
  url_credentials: "secret",
  secret: "secret",
  private_key: "secret",
  wallet: "redact",
  coordinates: "address",
  date: undefined,
  date_of_birth: "date_of_birth"
} as const satisfies Record<string, Kind | undefined>

export type FormType = keyof typeof formTypes
