import { defineFact } from "../fact.ts"

/** How it is known where a party is, from the weakest to the strongest. */
export type Evidence = "unknown" | "asserted" | "network" | "workload" | "attested"

/** Someone, by verified claims only. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
  readonly groups: ReadonlyArray<string>
  /** The verified claims that policy may read. No secret is among them. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** Who is calling, and through whom. */
export interface Principal extends Identity {
  /** Everyone between the subject and us, the nearest first (RFC 8693 `act`). Each is judged like the subject. */
  readonly actors: ReadonlyArray<Identity>
  readonly evidence: Evidence
  /** When the proof runs out, in milliseconds since the epoch. */
  readonly expiresAt: number | undefined
}

/** Set by `identity` at login; stands for the whole session. */
export const Principal = defineFact<Principal>()("sluice/principal")
