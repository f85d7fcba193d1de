import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Claim = Schema.NonEmptyString

/** What stands under `with:` of `use: identity`. A claim is named as it stands, or as a path: `realm_access.roles`. */
export const IdentityConfig = Schema.Struct({
  /** Claim that names the caller. With `email`, the token must also say `email_verified: true`. */
  subject_claim: Claim.pipe(Schema.withDecodingDefaultKey(Effect.succeed("sub"))),
  /** Claim that lists the caller's groups: texts, or one. */
  groups_claim: Claim.pipe(Schema.withDecodingDefaultKey(Effect.succeed("groups"))),
  /** Claims that policy may read. Every scalar one that does not look like a secret, unless told. */
  claims: Schema.optionalKey(Schema.Array(Claim)),
  /** Claim that names the agent where a token has no `act`: `azp` or `client_id`, where clients are agents. */
  agent_claim: Schema.optionalKey(Claim)
})
export type IdentityConfig = typeof IdentityConfig.Type
