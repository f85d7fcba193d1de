import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** What stands under the protocol's `with:`. */
export const PostgresConfig = Schema.Struct({
  /** The database for clients that name none; without it, the upstream's default for the gateway's own user. */
  database: Schema.optionalKey(Schema.NonEmptyString),
  /** Whether a verified client certificate alone is a login, or a password or token is asked for all the same. */
  client_certificate: Schema.Literals(["login", "with_password"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("with_password" as const))
  ),
  /** Whether the gateway's password may go to the upstream in clear over an unencrypted connection: loopback only. */
  upstream_cleartext_password: Schema.Literals(["refuse", "allow"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("refuse" as const))
  )
}).annotate({ identifier: "PostgresConfig" })

export type PostgresConfig = typeof PostgresConfig.Type
