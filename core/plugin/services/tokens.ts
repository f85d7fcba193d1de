import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { PluginError } from "../../exchange/index.ts"

/** A token whose signature, issuer, audience and times were checked. */
export interface VerifiedToken {
  readonly issuer: string
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
  /** How well this proves where its subject is: `workload` for a workload's own token (SPIFFE), else `asserted`. */
  readonly evidence: "asserted" | "workload"
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** A token that was not accepted, and why, in words that may be shown to whoever sent it. */
export interface TokenRefused {
  readonly _tag: "TokenRefused"
  readonly code: "malformed" | "signature" | "issuer" | "audience" | "expired" | "not_yet_valid" | "claims"
  readonly message: string
}

/** Verifies the tokens that callers bring. */
export class Tokens extends Context.Service<Tokens, {
  /** The issuers that are trusted, as their tokens name them. */
  readonly issuers: ReadonlyArray<string>
  /** `now` in milliseconds since the epoch. Fails with `PluginError` when keys cannot be had. */
  readonly verify: (token: string, now: number) => Effect.Effect<VerifiedToken, TokenRefused | PluginError>
}>()("sluice/services/Tokens") {}
