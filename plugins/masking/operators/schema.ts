import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const between = (minimum: number, maximum: number, fallback: number, description: string) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum })).annotate({ description })
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed(fallback)))

const named = (description: string) => Schema.optionalKey(Schema.NonEmptyString.annotate({ description }))

const keyed = {
  key: named("The name of the secret in the secrets service; left out, the plugin's own `key`."),
  tag: named(
    "Masks of one tag and key are made alike, so that they can be joined; left out, what the mask stands under."
  )
}

const Kept = Schema.optionalKey(
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 16 })).annotate({
    description: "Letters and digits that stay; left out of both: the last 4, or of an e-mail address the first 1."
  })
)

/** Each operator's options. `use` tells them apart. */
const operators = [
  Schema.Struct({ use: Schema.Literal("redact") }).annotate({ description: "The kind's constant." }),
  Schema.Struct({
    use: Schema.Literal("replace"),
    with: Schema.String.annotate({ description: "The text form of what stands in place of every value." })
  }).annotate({ description: "A constant of your own." }),
  Schema.Struct({ use: Schema.Literal("null") }).annotate({ description: "NULL." }),
  Schema.Struct({ use: Schema.Literal("partial"), keep_first: Kept, keep_last: Kept })
    .annotate({ description: "The ends of the value." }),
  Schema.Struct({ use: Schema.Literal("hash"), ...keyed }).annotate({ description: "HMAC-SHA-256 of the value." }),
  Schema.Struct({ use: Schema.Literal("token"), ...keyed })
    .annotate({ description: "A stand-in of the kind's shape, always the same, with no way back." }),
  Schema.Struct({
    use: Schema.Literal("fpe"),
    alphabet: Schema.Literals(["digits", "letters", "alphanumeric"])
      .annotate({ description: "Which signs of a text are enciphered; the others stay as they are." })
      .pipe(Schema.withDecodingDefaultKey(Effect.succeed("digits" as const))),
    ...keyed
  }).annotate({ description: "Format-preserving encryption (FF1), which `sluice unmask` can undo." }),
  Schema.Struct({
    use: Schema.Literal("generalise"),
    to: Schema.Literals(["year", "month", "zip3", "network", "band"])
      .annotate({ description: "What is told of the value: its year, month, region, network, or band." }),
    band: between(1, 1_000_000_000, 10, "How wide a band is: a number, or years of a date."),
    ipv4_bits: between(0, 32, 24, "How many leading bits of an IPv4 address stay."),
    ipv6_bits: between(0, 128, 48, "How many leading bits of an IPv6 address stay.")
  }).annotate({ description: "The class that the value is in." }),
  Schema.Struct({
    use: Schema.Literal("shift"),
    days_max: between(1, 3650, 30, "By how many days at most."),
    by: named("The column of the same table that says whom the date is about: all dates of one move alike."),
    ...keyed
  }).annotate({ description: "Dates, moved." }),
  Schema.Struct({
    use: Schema.Literal("noise"),
    percent: between(1, 100, 10, "By how much of itself a number is off at most."),
    ...keyed
  }).annotate({ description: "Numbers, disturbed; the same for the same value." }),
  Schema.Struct({ use: Schema.Literal("deny") }).annotate({ description: "Not shown at all: who asks is refused." })
] as const

export const JsonMask = Schema.Struct({
  use: Schema.Literal("json"),
  paths: Schema.Record(
    Schema.String.check(
      Schema.isPattern(/^(\/([^~/]|~[01])*)+$/, { expected: "a JSON pointer, such as /person/email" })
    ),
    Schema.NonEmptyString
  ).annotate({
    description: "Which kind the value at each JSON pointer is of; `*` stands for every member or element."
  })
}).annotate({ description: "Parts of a JSON document; the rest is shown." })

/** One mask, as the file writes it. */
export const Mask = Schema.Union([...operators, JsonMask])
export type Mask = typeof Mask.Type

/** Operators that hang on a secret. */
export type KeyedMask = Extract<Mask, { readonly use: "hash" | "token" | "fpe" | "shift" | "noise" }>

const keyedUses: ReadonlySet<string> = new Set(["hash", "token", "fpe", "shift", "noise"])

export const isKeyed = (mask: Mask): mask is KeyedMask => keyedUses.has(mask.use)
