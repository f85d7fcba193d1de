import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Whether only this machine can reach what listens on `host`. */
const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)

/** `host:port`; an IPv6 address in brackets. */
export const addressOf = (text: string): { readonly host: string; readonly port: number } | undefined => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9][A-Za-z0-9._-]{0,252})):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  return host === undefined || port > 65_535 ? undefined : { host, port }
}

const isSafe = (address: string): boolean => {
  try {
    const { hostname, protocol } = new URL(address)
    return protocol === "https:" || protocol === "http:" && isLoopback(hostname.replace(/^\[|\]$/g, ""))
  } catch {
    return false
  }
}
const url = (description: string) =>
  Schema.String.annotate({ description }).check(
    Schema.makeFilter((text) => isSafe(text) || "must be a URL that starts with https:// (http:// on loopback)")
  )

const Webhook = Schema.Struct({
  format: Schema.Literals(["generic", "slack"]).annotate({
    description: "`generic` is signed JSON; `slack` is what Slack takes."
  }),
  address: Schema.optionalKey(url("Where messages are sent.")),
  address_secret: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "Instead of `address`: the name of a secret that is one, as Slack's are."
    })
  ),
  secret: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "The name of the secret that messages are signed with. `generic` needs one."
    })
  ),
  at: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "The place where messages are read. Who asks for which data is told only where that data may be; "
        + "where it is not known, messages say no more than that there is a request."
    })
  ),
  page: Schema.optionalKey(url("How approvers reach the page, for the link in the message."))
}).check(
  Schema.makeFilter(({ address, address_secret }) =>
    (address === undefined) !== (address_secret === undefined) || "give `address` or `address_secret`"
  ),
  Schema.makeFilter(({ format, secret }) =>
    format === "slack" || secret !== undefined || "`generic` needs a `secret` to sign with"
  )
)
export type Webhook = typeof Webhook.Type

const isOrigin = (text: string): boolean => isSafe(text) && new URL(text).origin === text

const Login = Schema.Struct({
  client_id: Schema.NonEmptyString.annotate({ description: "What the issuer calls this page." }),
  client_secret: Schema.optionalKey(
    Schema.NonEmptyString.annotate({ description: "The name of the client's secret, unless it is a public client." })
  ),
  issuer: Schema.optionalKey(
    url("Who logs people in, as tokens name it. Needed where several issuers are trusted.")
  ),
  address: Schema.String.annotate({
    description: "How browsers reach the page: `https://host`. The issuer sends them to `/login/callback` there."
  }).check(
    Schema.makeFilter((text) =>
      isOrigin(text) || "must be `https://host`, without a path (http:// on loopback): `https://approvals.example.com`"
    )
  ),
  scope: Schema.NonEmptyString.annotate({
    description: "What is asked for, separated by spaces. `openid` unless told."
  })
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed("openid"))),
  token: Schema.Literals(["access", "id"]).annotate({
    description: "Which token says who decides: `access` (default), or `id` where access tokens are not for gateways."
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed("access" as const)))
}).annotate({ description: "Lets approvers log in at their issuer, beside bringing a token. Needs `listen`." })
export type LoginConfig = typeof Login.Type

/** What stands under `with:` of `use: approvals`. */
export const ServiceConfig = Schema.Struct({
  listen: Schema.optionalKey(
    Schema.String.annotate({
      description: "Where the approvers' page and API are served: `host:port`. Nowhere when left out."
    })
      .check(
        Schema.makeFilter((text) => addressOf(text) !== undefined || "must be `host:port`, such as `127.0.0.1:7443`")
      )
  ),
  tls: Schema.optionalKey(
    Schema.Struct({
      certificate: Schema.NonEmptyString.annotate({
        description: "Path of the PEM certificate chain, from the file's folder."
      }),
      key: Schema.NonEmptyString.annotate({ description: "Path of the PEM private key, from the file's folder." })
    }).annotate({ description: "What browsers are shown. May be left out on loopback only." })
  ),
  login: Schema.optionalKey(Login),
  webhooks: Schema.Array(Webhook).annotate({ description: "Who is told that a request waits." }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed([]))
  )
}).check(
  Schema.makeFilter(({ listen, tls }) =>
    listen === undefined || tls !== undefined || isLoopback(addressOf(listen)?.host ?? "localhost")
    || "`tls` is needed where others than this machine can reach the page: tokens are sent to it"
  ),
  Schema.makeFilter(({ listen, login }) => login === undefined || listen !== undefined || "`login` needs `listen`"),
  Schema.makeFilter(({ login, tls }) =>
    login === undefined || tls !== undefined === login.address.startsWith("https:")
    || "`login.address` and `tls` differ: browsers keep the page's cookies for one of http:// and https://"
  )
).annotate({ description: "Where approvals are kept and decided." })
export type ServiceConfig = typeof ServiceConfig.Type
