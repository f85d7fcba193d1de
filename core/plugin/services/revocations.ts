import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { Deny } from "../../exchange/index.ts"

/** What a session rests on, and what of it can be taken back. */
export interface Proof {
  /** The session's id. */
  readonly session: string
  /** Subject and actors: taking back any of them ends the session. */
  readonly chain: ReadonlyArray<{ readonly issuer: string; readonly subject: string }>
  /** Who issued the proof, and what it calls it (`jti`), when it says. */
  readonly issuer: string
  readonly tokenId: string | undefined
  /** When the proof was made, in milliseconds since the epoch; when it was brought, if it does not say. */
  readonly issuedAt: number
  /** The token itself, for issuers that are asked about it; undefined for a certificate. */
  readonly token: Redacted.Redacted | undefined
}

/** Knows which tokens, identities and sessions were taken back before they expired. */
export class Revocations extends Context.Service<Revocations, {
  /** Why `proof` does not hold any more; undefined while it does. Asks whoever must be asked now. */
  readonly check: (proof: Proof) => Effect.Effect<Deny | undefined>
  /**
   * Tells `end`, within a second, once `proof` was taken back, or once that could not be known for too long. Returns
   * what stops the telling.
   */
  readonly watch: (proof: Proof, end: (denial: Deny) => void) => () => void
}>()("sluice/services/Revocations") {}
