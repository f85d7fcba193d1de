import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const claim = (description: string) => Schema.NonEmptyString.annotate({ description })

/** What stands under `with:` of `use: identity`. A claim is named as it stands, or as a path: `realm_access.roles`. */
export const IdentityConfig = Schema.Struct({
  subject_claim: claim("Claim that names the caller. With `email`, the token must also say `email_verified: true`.")
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed("sub"))),
  groups_claim: claim("Claim that lists the caller's groups: texts, or one.")
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed("groups"))),
  claims: Schema.optionalKey(
    Schema.Array(Schema.NonEmptyString).annotate({
      description: "Claims that policy may read. Every scalar one that does not look like a secret, unless told."
    })
  ),
  agent_claim: Schema.optionalKey(
    claim("Claim that names the agent where a token has no `act`: `azp` or `client_id`, where clients are agents.")
  )
}).annotate({ description: "Says who is calling, by the token that they log in with." })
export type IdentityConfig = typeof IdentityConfig.Type
