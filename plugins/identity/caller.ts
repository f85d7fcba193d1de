import { type Deny, deny, type Principal, type VerifiedToken } from "../../core/index.ts"
import { readActors } from "./actors.ts"
import { claimAt, groupsOf, isName, readableClaims } from "./claims.ts"
import type { IdentityConfig } from "./config.ts"

/**
 * Who a verified token says is calling, and through whom. The evidence is the issuer's kind, whatever the claims
 * say: a token may narrow what the file says of a party, never widen it.
 */
export const callerOf = (token: VerifiedToken, config: IdentityConfig): Principal | Deny => {
  const { claims } = token
  const subject = config.subject_claim === "sub" ? token.subject : claimAt(claims, config.subject_claim)
  if (!isName(subject)) return refuse("it does not name its subject where this gateway looks for it (`subject_claim`)")
  if (config.subject_claim === "email" && claims["email_verified"] !== true) {
    return refuse("its e-mail address is not verified (`email_verified`)")
  }
  const groups = groupsOf(claimAt(claims, config.groups_claim))
  if (groups === undefined) return refuse("its groups are no list of names, or more than a thousand")
  const caller = { issuer: token.issuer, subject, groups, claims: readableClaims(claims, config) }
  const actors = readActors(claims, caller, config)
  if ("_tag" in actors) return deny("identity", actors.message)
  return { ...caller, actors, evidence: token.evidence, expiresAt: token.expiresAt }
}

const refuse = (why: string): Deny => deny("identity", `The token is not accepted: ${why}.`)
