import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ALGORITHMS } from "./algorithms.ts"
import { isSafeAddress } from "./address.ts"

const integer = (minimum: number, maximum: number, otherwise: number) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(otherwise))
  )
const names = Schema.NonEmptyArray(Schema.NonEmptyString)

/** One trusted issuer, as the operator writes it. */
export const IssuerConfig = Schema.Struct({
  /** As its tokens name it in `iss`: compared character by character. */
  issuer: Schema.NonEmptyString,
  /** What a token's `aud` must contain: one of these. */
  audience: Schema.Union([Schema.NonEmptyString, names]),
  /** Where its public keys are: a file, an address, or, when neither is given, where its discovery document says. */
  jwks_file: Schema.optionalKey(Schema.NonEmptyString),
  jwks_uri: Schema.optionalKey(Schema.NonEmptyString),
  /** PEM of the authorities that may sign the issuer's TLS certificate, for closed networks. */
  authority_file: Schema.optionalKey(Schema.NonEmptyString),
  algorithms: Schema.NonEmptyArray(Schema.Literals([...ALGORITHMS.keys()])).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed([...ALGORITHMS.keys()] as [string, ...Array<string>]))
  ),
  /** What a token's `typ` may be. A token without one counts as `JWT`. */
  types: names.pipe(Schema.withDecodingDefaultKey(Effect.succeed(["JWT", "at+jwt"] as [string, ...Array<string>]))),
  /** Clients (`azp`, else `client_id`) that a token may have been issued to. */
  clients: Schema.optionalKey(names),
  lifetime_seconds_max: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 31_536_000 }))),
  /** How far the issuer's clock may be ahead, for `nbf` and `iat`. */
  clock_skew_seconds: integer(0, 120, 30),
  /** How long fetched keys serve while the issuer cannot be reached. */
  keys_keep_seconds: integer(10, 604_800, 3600),
  /** The least time between two fetches that unknown keys in tokens cause. */
  keys_refetch_seconds: integer(1, 3600, 30),
  fetch_timeout_seconds: integer(1, 30, 5)
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

/** `with:` of `use: oidc`: one issuer, or several. */
export const OidcConfig = Schema.Union([
  Schema.Struct({
    issuers: Schema.NonEmptyArray(IssuerConfig).check(
      Schema.makeFilter((issuers) =>
        new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length || "each issuer may stand here once"
      )
    )
  }),
  IssuerConfig
])
export type OidcConfig = typeof OidcConfig.Type
