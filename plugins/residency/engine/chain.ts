import type { Evidence, Identity } from "../../../core/index.ts"
import { fits } from "../compile/glob.ts"
import { type Place, placeOf, unknownPlace } from "../compile/zones.ts"
import type { Party } from "../schema/party.ts"
import type { World, WorldMatch, WorldParty } from "../world.ts"
import type { InputPrincipal } from "./inputs.ts"

/** One identity of the delegation chain, and what the policy says of it. */
export interface Hop {
  /** `caller`, or `actor:SUBJECT`. */
  readonly label: string
  readonly identity: Identity
  /** Undefined when it matches no party. */
  readonly party: WorldParty | undefined
  readonly at: Place
  readonly evidence: Evidence
  readonly model: { readonly at: Place; readonly evidence: Evidence; readonly under: string | undefined } | undefined
}

/** The caller first, then every actor in the order of the chain. */
export const chainOf = (world: World, principal: InputPrincipal): ReadonlyArray<Hop> => [
  hop(world, "caller", principal, principal.evidence),
  ...principal.actors.map((actor) => hop(world, `actor:${actor.subject}`, actor, "asserted"))
]

/** `proof`: how the identity's own place is known when the file does not say. */
const hop = (world: World, label: string, identity: Identity, proof: Evidence): Hop => {
  const party = world.parties.find(({ match }) => matches(match, identity))
  const at = party === undefined ? unknownPlace : located(world, party.at, identity)
  const evidence = at.places === undefined ? "unknown" : party?.evidence ?? proof
  if (party?.model === undefined) return { label, identity, party, at, evidence, model: undefined }
  const modelAt = located(world, party.model.at, identity)
  return {
    label,
    identity,
    party,
    at,
    evidence,
    model: {
      at: modelAt,
      evidence: modelAt.places === undefined ? "unknown" : party.model.evidence ?? party.evidence ?? proof,
      under: party.model.under
    }
  }
}

const matches = (match: WorldMatch, identity: Identity): boolean => {
  if (match.issuer !== undefined && match.issuer !== identity.issuer) return false
  if (match.group !== undefined && !identity.groups.includes(match.group)) return false
  if (match.subject === undefined) return true
  return match.pattern ? fits(match.subject, identity.subject) : match.subject === identity.subject
}

/** A claim that is absent, is not a text, or names nothing, is `unknown`. */
const located = (world: World, at: Party["at"], identity: Identity): Place => {
  if (at === undefined || typeof at === "string") return placeOf(world.zones, at)
  const value = Object.hasOwn(identity.claims, at.claim) ? identity.claims[at.claim] : undefined
  return typeof value === "string" ? placeOf(world.zones, value) : unknownPlace
}
