import * as Schema from "effect/Schema"
import type { Proof } from "../../../core/index.ts"

const text = Schema.NonEmptyString.check(Schema.isMaxLength(512))

/** One thing that was taken back: a session, a token, or whatever an identity proved before a moment. */
export const Revocation = Schema.Struct({
  session: Schema.optionalKey(text.annotate({ description: "A session's id." })),
  token: Schema.optionalKey(text.annotate({ description: "A token's own name (`jti`); `issuer` says whose." })),
  subject: Schema.optionalKey(text.annotate({ description: "A caller or an actor; `issuer` says whose." })),
  issuer: Schema.optionalKey(text),
  /** Milliseconds since the epoch. */
  at: Schema.Number.annotate({ description: "What the subject proved before this moment does not hold any more." }),
  reason: Schema.optionalKey(text.annotate({ description: "For whoever is affected. Without data." })),
  by: Schema.optionalKey(text.annotate({ description: "Who took it back." }))
}).check(
  Schema.makeFilter((one) =>
    [one.session, one.token, one.subject].filter((target) => target !== undefined).length === 1
    || "name one of `session`, `token` and `subject`"
  )
)
export type Revocation = typeof Revocation.Type

/** A subject that got a new proof after it was taken back is let in with that. */
export const takesBack = (revocation: Revocation, proof: Proof): boolean => {
  const { at, issuer, session, subject, token } = revocation
  if (session !== undefined) return session === proof.session
  if (token !== undefined) return token === proof.tokenId && (issuer === undefined || issuer === proof.issuer)
  return proof.issuedAt <= at
    && proof.chain.some((one) => one.subject === subject && (issuer === undefined || one.issuer === issuer))
}

/** What a list holds, as it stands in a file or in the state. */
export const RevocationList = Schema.Struct({ version: Schema.Literal(1), revoked: Schema.Array(Revocation) })

/** Where `sluice sessions end` leaves what it takes back: one entry of the state for each. */
export const REVOCATION_SPACE = "revocations"
