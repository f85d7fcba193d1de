import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const claim = (description: string) => Schema.NonEmptyString.annotate({ description })

const OnExpiry = Schema.Union([
  Schema.Literals(["close", "finish_operation"]),
  Schema.Struct({
    grace_seconds: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 3600 })).annotate({
      description: "For how long the session goes on after its proof has expired."
    })
  })
]).annotate({
  description:
    "What comes of a session whose proof expires: `close` (default) ends it, `finish_operation` lets what runs finish."
})

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
  ),
  trust_domain: Schema.optionalKey(
    Schema.String.check(
      Schema.isPattern(/^[a-z0-9._-]{1,255}$/, { message: "must be a SPIFFE trust domain, such as `prod.example.com`" })
    ).annotate({
      description:
        "SPIFFE trust domain whose workloads log in by certificate. `client_authority` must be that domain's alone."
    })
  ),
  binding: Schema.Literals(["when_bound", "required"]).annotate({
    description:
      "Whether tokens must be bound to the client's certificate (`cnf`). `when_bound` (default) checks those that are."
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed("when_bound" as const))),
  on_expiry: OnExpiry.pipe(Schema.withDecodingDefaultKey(Effect.succeed("close" as const)))
}).annotate({ description: "Says who is calling, by the token or certificate that they log in with." })
export type IdentityConfig = typeof IdentityConfig.Type
