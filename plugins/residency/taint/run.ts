import type { Identity, Principal } from "../../../core/index.ts"
import { chainOf } from "../engine/chain.ts"
import type { World } from "../world.ts"
import { keyOf } from "./key.ts"
import type { Label } from "./label.ts"
import type { Labels } from "./labels.ts"

type Caller = Omit<Principal, "expiresAt">

/** The labels that a caller's operations rest on. Held by its session, so that they stay in memory with it. */
export interface Holder {
  /** What grows when this caller sees something. */
  readonly own: Label
  /** What together is the caller's label. */
  readonly reads: ReadonlyArray<Label>
  /** Those by whom it was started: what they have seen, they may have told it. */
  readonly parents: ReadonlyArray<Label>
  /** What grows with its own label: those who may be told what it finds. */
  readonly into: ReadonlyArray<string>
}

/**
 * Whose label an operation grows and is judged by.
 *
 * A verified run claim names the run: whoever brings it is in that run, whatever the agent. It is judged together with
 * what its agent has seen without a run, and what it sees is kept for the agent's operations without a run too, so that
 * leaving the claim out, or bringing it, gains nothing. Without a claim the label is the agent's: of the nearest actor,
 * else of the caller; and the other agents of the chain are its parents.
 */
export const holderOf = (world: World, labels: Labels, caller: Caller): Holder => {
  const { parentRunClaim, runClaim } = world.taint
  const agent = caller.actors[0] ?? caller
  const run = named(caller, runClaim)
  const parent = named(caller, parentRunClaim)
  const agentLabel = labels.label(bearerOf("agent", agent))
  const runsLabel = labels.label(bearerOf("runs", agent))
  const parents = parent === undefined || parent === run ? [] : [labels.label(keyOf("run", parent, caller.issuer))]
  if (run !== undefined) {
    const own = labels.label(keyOf("run", run, caller.issuer))
    return { own, reads: [own, agentLabel], parents, into: [runsLabel.key, ...parents.map(({ key }) => key)] }
  }
  const above = agentsAbove(world, caller).map((identity) => labels.label(bearerOf("agent", identity)))
  const seenAbove = agentsAbove(world, caller).map((identity) => labels.label(bearerOf("runs", identity)))
  return {
    own: agentLabel,
    reads: [agentLabel, runsLabel],
    parents: [...parents, ...above, ...seenAbove],
    into: [...parents, ...above].map(({ key }) => key)
  }
}

const bearerOf = (bearer: "agent" | "runs", { issuer, subject }: Identity): string => keyOf(bearer, subject, issuer)

/** A claim's value, where it can name something. */
const named = ({ claims }: Caller, claim: string | undefined): string | undefined => {
  const value = claim !== undefined && Object.hasOwn(claims, claim) ? claims[claim] : undefined
  if (typeof value === "number" && Number.isFinite(value)) return String(value)
  return typeof value === "string" && value !== "" && value.isWellFormed() ? value : undefined
}

/** Who delegated to the nearest actor: every other actor, and the subject where its party is an agent. */
const agentsAbove = (world: World, caller: Caller): ReadonlyArray<Identity> => {
  if (caller.actors.length === 0) return []
  const [subject] = chainOf(world, caller)
  return [...caller.actors.slice(1), ...(subject?.party?.agent === true ? [caller] : [])]
}
