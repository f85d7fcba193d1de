import * as Redacted from "effect/Redacted"
import type { Principal, Proof, VerifiedToken } from "../../core/index.ts"
import type { Person } from "./person.ts"

/** What somebody rests on: the token that they brought, if it was one, and when that was. */
export interface Brought {
  readonly token: string | undefined
  /** What the token says, if it was verified. */
  readonly verified: VerifiedToken | undefined
  /** When the token was issued, where it does not say itself. Milliseconds since the epoch. */
  readonly at: number
}

/** Visits are no sessions: nobody can end one by its id, only by what it rests on. */
export const AT_THE_DESK = "approvals desk"

/** What can be taken back of whoever `principal` is, in the session of that id. */
export const proofOf = (session: string, principal: Principal, { at, token, verified }: Brought): Proof => {
  const { iat, jti } = verified?.claims ?? {}
  return {
    session,
    chain: [principal, ...principal.actors],
    issuer: verified?.issuer ?? principal.issuer,
    tokenId: typeof jti === "string" ? jti : undefined,
    issuedAt: typeof iat === "number" ? iat * 1000 : at,
    token: verified === undefined || token === undefined ? undefined : Redacted.make(token)
  }
}

/** What of a vote can be taken back later: who gave it, by which token. Kept with the vote, without the token. */
export interface VoteProof {
  readonly tokenId?: string
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
}

export const voteProofOf = ({ issuedAt, tokenId }: Proof): VoteProof => ({
  issuedAt,
  ...(tokenId === undefined ? {} : { tokenId })
})

/** The same as whoever knows revocations is asked. A vote of which nothing was kept is older than any of them. */
export const proofOfVote = (
  { by: { issuer, subject }, proof }: { readonly by: Person; readonly proof?: VoteProof }
): Proof => ({
  session: AT_THE_DESK,
  chain: [{ issuer, subject }],
  issuer,
  tokenId: proof?.tokenId,
  issuedAt: proof?.issuedAt ?? 0,
  token: undefined
})
