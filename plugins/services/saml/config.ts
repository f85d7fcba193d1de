import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const text = (description: string) => Schema.NonEmptyString.annotate({ description })
const integer = (minimum: number, maximum: number, standard: number, description: string) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum })).annotate({ description }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(standard))
  )

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)

/** `host:port`; an IPv6 address in brackets. */
export const addressOf = (listen: string): { readonly host: string; readonly port: number } | undefined => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9][A-Za-z0-9._-]{0,252})):(\d{1,5})$/.exec(listen)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  return host === undefined || port > 65_535 ? undefined : { host, port }
}

const isSafe = (address: string): boolean => {
  try {
    const { hash, hostname, protocol } = new URL(address)
    const safe = protocol === "https:" || protocol === "http:" && isLoopback(hostname.replace(/^\[|\]$/g, ""))
    return safe && hash === ""
  } catch {
    return false
  }
}
const url = (description: string) =>
  text(description).check(
    Schema.makeFilter((value) => isSafe(value) || "must be a URL that starts with https:// (http:// on loopback)")
  )

const Provider = Schema.Struct({
  entity_id: text("The identity provider, exactly as its assertions name it (`Issuer`)."),
  login: url("Where its login page takes requests (HTTP-Redirect binding)."),
  certificate_file: text("PEM of the certificates that it may sign with: one, or two while it changes them.")
}).annotate({ description: "Who vouches for people." })

const Token = Schema.Struct({
  issuer: url("What the gateway's own tokens say in `iss`. Name it under the `issuers` of `tokens` too."),
  audience: text("What they say in `aud`."),
  seconds: integer(30, 600, 600, "How long they live."),
  key_file: text("The private key that signs them; made at the first start, with mode 0600."),
  jwks_file: text("Where its public half is written. Name it as `jwks_file` under the `issuers` of `tokens` too.")
}).annotate({ description: "The tokens that people get." })

/** What stands under `with:` of `use: saml`. */
export const SamlConfig = Schema.Struct({
  listen: text("Where the login page is served: `host:port`.").check(
    Schema.makeFilter((value) => addressOf(value) !== undefined || "must be `host:port`, such as `127.0.0.1:7444`")
  ),
  tls: Schema.optionalKey(
    Schema.Struct({
      certificate: text("Path of the PEM certificate chain, from the file's folder."),
      key: text("Path of the PEM private key, from the file's folder.")
    }).annotate({ description: "What browsers are shown. May be left out on loopback only." })
  ),
  address: url("How browsers reach the page, without a path: `https://login.example.com`.").check(
    Schema.makeFilter((value) => new URL(value).origin === value || "must have no path, and no slash at its end")
  ),
  provider: Provider,
  groups_attribute: text("The attribute whose values become `groups`.").pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("groups"))
  ),
  clock_skew_seconds: integer(0, 60, 30, "How far the provider's clock may be off."),
  logins_per_minute: integer(
    1,
    100_000,
    150,
    "How many logins may begin at one address (of IPv6: one /64); ten times that at all. More behind a proxy."
  ),
  token: Token
}).check(
  Schema.makeFilter(({ listen, tls }) =>
    tls !== undefined || isLoopback(addressOf(listen)?.host ?? "")
    || "`tls` is needed where others than this machine can reach the page: it shows tokens"
  )
).annotate({ description: "Logs people in by SAML 2.0, and gives them short-lived tokens." })
export type SamlConfig = typeof SamlConfig.Type

/** Where the provider sends people back to: the `Recipient` of every assertion. */
export const consumerOf = ({ address }: Pick<SamlConfig, "address">): string => `${address}/saml/acs`
/** Who this gateway is to the provider: the `Audience` of every assertion. */
export const entityOf = ({ address }: Pick<SamlConfig, "address">): string => `${address}/saml/metadata`
