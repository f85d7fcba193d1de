import * as Schema from "effect/Schema"
import { isSafeAddress } from "./address.ts"
import { ALGORITHMS } from "./algorithms.ts"

const integer = (minimum: number, maximum: number, description: string) =>
  Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum, maximum })).annotate({ description }))
const text = (description: string) => Schema.NonEmptyString.annotate({ description })
const names = (description: string) => Schema.NonEmptyArray(Schema.NonEmptyString).annotate({ description })

const issuer = text(
  "The issuer, exactly as its tokens name it (`iss`); or `spiffe://DOMAIN`, for workloads with JWT-SVIDs."
)
const audience = Schema.Union([Schema.NonEmptyString, names("Several names.")]).annotate({
  description: "What a token's `aud` must contain: this name, or one of these."
})
const options = {
  jwks_file: Schema.optionalKey(text("The issuer's public keys, in a file; read again when it changes.")),
  jwks_uri: Schema.optionalKey(text("Where the issuer's public keys are, if not where its discovery document says.")),
  authority_file: Schema.optionalKey(text("PEM of the authorities that may sign the issuer's TLS certificate.")),
  algorithms: Schema.optionalKey(
    Schema.NonEmptyArray(Schema.Literals([...ALGORITHMS.keys()])).annotate({
      description: "What tokens may be signed with. All that are named here, unless told."
    })
  ),
  types: Schema.optionalKey(names("What a token's `typ` may be; none counts as JWT. JWT and at+jwt, unless told.")),
  clients: Schema.optionalKey(names("Clients (`azp`, else `client_id`) that a token may have been issued to.")),
  lifetime_seconds_max: integer(1, 31_536_000, "The longest that a token may live, from `iat` to `exp`."),
  clock_skew_seconds: integer(0, 120, "How far the issuer's clock may be ahead, for `nbf` and `iat`. 30 unless told."),
  keys_keep_seconds: integer(10, 604_800, "How long keys serve while the issuer is out of reach. 3600 unless told."),
  keys_refetch_seconds: integer(1, 3600, "Least time between fetches that unknown keys cause. 30 unless told."),
  fetch_timeout_seconds: integer(1, 30, "How long one request to the issuer may take. 5 unless told.")
}

/** What a struct cannot say of one issuer: where its keys are is said once, and safe. */
const keysFault = (config: { issuer?: string; jwks_file?: string; jwks_uri?: string }): string | undefined => {
  if (config.jwks_file !== undefined) {
    return config.jwks_uri === undefined ? undefined : "give jwks_file or jwks_uri, not both"
  }
  return isSafeAddress(config.jwks_uri ?? config.issuer ?? "")
    ? undefined
    : "keys are fetched over https:// only (http:// on loopback); for a closed network give jwks_file"
}

/** One trusted issuer, as the operator writes it. */
export const IssuerConfig = Schema.Struct({ issuer, audience, ...options }).check(
  Schema.makeFilter((config) => keysFault(config) ?? true)
)
export type IssuerConfig = typeof IssuerConfig.Type

const Issuers = Schema.NonEmptyArray(IssuerConfig).check(
  Schema.makeFilter((issuers) =>
    new Set(issuers.map((one) => one.issuer)).size === issuers.length || "each issuer once"
  )
)

/**
 * `with:` of `use: oidc`: one issuer, or several under `issuers`. One struct, so that a misspelt key is told as such.
 */
export const OidcConfig = Schema.Struct({
  issuers: Schema.optionalKey(Issuers.annotate({ description: "Several issuers, in place of all the other options." })),
  issuer: Schema.optionalKey(issuer),
  audience: Schema.optionalKey(audience),
  ...options
}).annotate({ description: "Verifies the tokens of one OpenID Connect issuer, or of several." }).check(
  Schema.makeFilter((config) => {
    if (config.issuers !== undefined) {
      return Object.keys(config).length === 1 || "each issuer's options stand with it under `issuers`, none beside it"
    }
    if (config.issuer === undefined) return "give `issuer` and `audience`, or `issuers`"
    if (config.audience === undefined) return "give `audience`: what the issuer's tokens for this gateway have in `aud`"
    return keysFault(config) ?? true
  })
)
export type OidcConfig = typeof OidcConfig.Type

/** The issuers of a configuration that was decoded. */
export const issuersOf = (config: OidcConfig): ReadonlyArray<IssuerConfig> => config.issuers ?? [config as IssuerConfig]
