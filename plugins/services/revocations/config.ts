import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const count = (minimum: number, maximum: number, given: number, description: string) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum }))
    .annotate({ description: `${description} ${given} unless told.` })
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed(given)))

/** A token goes to this address: over TLS, or on this machine only. */
const isSafe = (address: string): boolean =>
  /^https:\/\/[^\s@#]+$/.test(address)
  || /^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d+)?\/[^\s@#]*$/.test(address)

const Introspection = Schema.Struct({
  endpoint: Schema.String.annotate({ description: "The issuer's introspection endpoint (RFC 7662)." }).check(
    Schema.makeFilter((address) => isSafe(address) || "must be an https:// address (http:// on loopback only)")
  ),
  credential: Schema.NonEmptyString.annotate({
    description: "The secret with which the gateway asks there, of the form client:secret, by its name."
  }),
  every_milliseconds: count(100, 60_000, 500, "How often each token of an open session is asked about."),
  timeout_seconds: count(1, 30, 5, "How long one answer may take.")
})
export type IntrospectionConfig = typeof Introspection.Type

/** What stands under `with:` of `use: revocations`. */
export const RevocationsConfig = Schema.Struct({
  list_file: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "A list that someone else keeps, as JSON: looked at five times a second."
    })
  ),
  introspection: Schema.optionalKey(Introspection.annotate({ description: "Ask the issuer about each token." })),
  stale_seconds: count(
    1,
    3600,
    10,
    "For how long open sessions go on while it cannot be known what was taken back. Logins are refused at once."
  )
}).annotate({ description: "Ends sessions whose tokens, identities or ids were taken back." })
