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
  login: Schema.Literals(["password", "oauthbearer"]).annotate({
    description:
      "How clients hand over their token: as the password (default), or by SASL OAUTHBEARER (PostgreSQL 18's clients)."
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed("password" as const))),
  oauth: Schema.optionalKey(
    Schema.Struct({
      openid_configuration: Schema.String.check(
        Schema.isPattern(/^https?:\/\/[^\s"\\]+$/, { message: "must be the address of a discovery document" })
      ).annotate({ description: "Where the issuer's discovery document is: told to clients that have no token yet." }),
      scope: Schema.String.check(
        Schema.isPattern(/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/, {
          message: "must be scopes with spaces between them"
        })
      ).annotate({ description: "What a client asks the issuer for." })
    }).annotate({ description: "For `login: oauthbearer`: lets clients find the issuer by themselves." })
  ),
  upstream_cleartext_password: Schema.Literals(["refuse", "allow"]).annotate({
    description: "Whether the gateway's password may go to the upstream unencrypted. For the loopback only."
  }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("refuse" as const))
  )
}).annotate({ identifier: "PostgresConfig" })

export type PostgresConfig = typeof PostgresConfig.Type
