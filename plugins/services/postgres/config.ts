import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** `host:port`; an IPv6 address in brackets. */
export const addressOf = (text: string): { readonly host: string; readonly port: number } | undefined => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9][A-Za-z0-9._-]{0,252}))(?::(\d{1,5}))?$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = match?.[3] === undefined ? 5432 : Number(match[3])
  return host === undefined || port > 65_535 ? undefined : { host, port }
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)

/** What stands under `with:` of `use: postgres` under `services.state`. */
export const PostgresConfig = Schema.Struct({
  address: Schema.String.annotate({ description: "Where the server listens: `host`, or `host:port`." }).check(
    Schema.makeFilter((text) =>
      addressOf(text) !== undefined || "must be `host` or `host:port`, such as `db.internal:5432`"
    )
  ),
  database: Schema.NonEmptyString.annotate({ description: "The database." }),
  schema: Schema.String.annotate({
    description: "The schema that holds the state, and nothing else. It is made if there is none."
  }).check(
    Schema.isPattern(/^[a-z_][a-z0-9_]{0,62}$/u, { message: "must be a name in lower case: letters, digits and `_`" })
  )
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed("sluice"))),
  credential: Schema.NonEmptyString.annotate({
    description: "The name of the login in the secrets service: `user:password`. Never the login itself."
  }),
  tls: Schema.Literals(["verify-full", "require", "off"]).annotate({
    description: "`verify-full` (default) checks certificate and name; `off` is for loopback only."
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed("verify-full" as const))),
  authority_file: Schema.optionalKey(
    Schema.NonEmptyString.annotate({ description: "PEM of the authorities that may sign the server's certificate." })
  ),
  connections_max: Schema.Int.annotate({ description: "Connections that this gateway may open." }).check(
    Schema.isBetween({ minimum: 1, maximum: 100 })
  ).pipe(Schema.withDecodingDefaultKey(Effect.succeed(4)))
}).check(
  Schema.makeFilter(({ address, tls }) =>
    tls !== "off" || isLoopback(addressOf(address)?.host ?? "") || "`tls: off` is for loopback only"
  )
).annotate({ description: "State in PostgreSQL, for several gateways." })
export type PostgresConfig = typeof PostgresConfig.Type
