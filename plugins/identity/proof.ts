import * as Redacted from "effect/Redacted"
import type { Principal, Proof, Session, VerifiedToken } from "../../core/index.ts"

/** What can be taken back of a caller who brought `token`, or a certificate when there is none. */
export const proofOf = (
  session: Session,
  caller: Principal,
  token: { readonly text: string; readonly verified: VerifiedToken } | undefined
): Proof => {
  const { iat, jti } = token?.verified.claims ?? {}
  return {
    session: session.id,
    chain: [caller, ...caller.actors],
    issuer: token?.verified.issuer ?? caller.issuer,
    tokenId: typeof jti === "string" ? jti : undefined,
    issuedAt: typeof iat === "number" ? iat * 1000 : session.now(),
    token: token === undefined ? undefined : Redacted.make(token.text)
  }
}
