import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** What stands under the protocol's `with:`. */
export const PostgresConfig = Schema.Struct({
  database: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "The database for clients that name none. Else the upstream's default for the gateway's own user."
    })
  ),
  client_certificate: Schema.Literals(["login", "with_password"]).annotate({
    description: "Whether a verified client certificate alone is a login, or a token is asked for all the same."
  }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("with_password" as const))
  ),
  upstream_cleartext_password: Schema.Literals(["refuse", "allow"]).annotate({
    description: "Whether the gateway's password may go to the upstream unencrypted. For the loopback only."
  }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("refuse" as const))
  )
}).annotate({ identifier: "PostgresConfig" })

export type PostgresConfig = typeof PostgresConfig.Type
