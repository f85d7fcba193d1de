import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { isSafeAddress } from "./address.ts"
import { ALGORITHMS } from "./algorithms.ts"

const integer = (minimum: number, maximum: number, otherwise: number, description: string) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum })).annotate({ description }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(otherwise))
  )
const text = (description: string) => Schema.NonEmptyString.annotate({ description })
const names = (description: string) => Schema.NonEmptyArray(Schema.NonEmptyString).annotate({ description })

type Names = readonly [string, ...Array<string>]
const TYPES: Names = ["JWT", "at+jwt"]
const ALL_ALGORITHMS = [...ALGORITHMS.keys()] as unknown as Names

/** One trusted issuer, as the operator writes it. */
export const IssuerConfig = Schema.Struct({
  issuer: text("The issuer, as its tokens name it in `iss`: compared character by character."),
  audience: Schema.Union([Schema.NonEmptyString, names("Several names.")]).annotate({
    description: "What a token's `aud` must contain: this name, or one of these."
  }),
  jwks_file: Schema.optionalKey(text("The issuer's public keys, in a file; read again when it changes.")),
  jwks_uri: Schema.optionalKey(text("Where the issuer's public keys are, if not where its discovery document says.")),
  authority_file: Schema.optionalKey(text("PEM of the authorities that may sign the issuer's TLS certificate.")),
  algorithms: Schema.NonEmptyArray(Schema.Literals(ALL_ALGORITHMS))
    .annotate({ description: "What tokens may be signed with." })
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed(ALL_ALGORITHMS))),
  types: names("What a token's `typ` may be. A token without one counts as JWT.")
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed(TYPES))),
  clients: Schema.optionalKey(names("Clients (`azp`, else `client_id`) that a token may have been issued to.")),
  lifetime_seconds_max: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 31_536_000 }))
      .annotate({ description: "The longest that a token may live, from `iat` to `exp`." })
  ),
  clock_skew_seconds: integer(0, 120, 30, "How far the issuer's clock may be ahead, for `nbf` and `iat`."),
  keys_keep_seconds: integer(10, 604_800, 3600, "How long fetched keys serve while the issuer cannot be reached."),
  keys_refetch_seconds: integer(1, 3600, 30, "The least time between fetches that unknown keys in tokens cause."),
  fetch_timeout_seconds: integer(1, 30, 5, "How long one request to the issuer may take.")
}).check(
  Schema.makeFilter((config) =>
    config.jwks_file === undefined || config.jwks_uri === undefined || "give jwks_file or jwks_uri, not both"
  ),
  Schema.makeFilter((config) =>
    config.jwks_file !== undefined || isSafeAddress(config.jwks_uri ?? config.issuer)
    || "keys are fetched over https:// only (http:// on loopback); for a closed network give jwks_file"
  )
)
export type IssuerConfig = typeof IssuerConfig.Type

const Issuers = Schema.NonEmptyArray(IssuerConfig).check(
  Schema.makeFilter((issuers) =>
    new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length || "each issuer may stand here once"
  )
)

/** `with:` of `use: oidc`: one issuer, or several. */
export const OidcConfig = Schema.Union([
  Schema.Struct({ issuers: Issuers.annotate({ description: "Several issuers." }) }),
  IssuerConfig
]).annotate({ description: "Verifies the tokens of one OpenID Connect issuer, or of several." })
export type OidcConfig = typeof OidcConfig.Type
