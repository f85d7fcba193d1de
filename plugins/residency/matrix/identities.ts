import type { Identity } from "../../../core/index.ts"
import { chainOf, type Hop } from "../engine/chain.ts"
import type { InputPrincipal } from "../engine/inputs.ts"
import type { World, WorldParty } from "../world.ts"

/** An identity that stands for all that the policy cannot tell apart: one party, at one place. */
export interface Representative {
  readonly party: WorldParty
  readonly identity: Identity
  readonly hop: Hop
}

/** What a token alone proves of a place. */
const proof = "asserted"

/** `*` becomes each of these until no other party takes the identity; the first of them that does will do. */
const fillings = ["x", "-", "0", "matrix-1", "zz-9"]

/** Every party at every place that it can be at. A party that others always win over has none. */
export const representativesOf = (world: World, issuers: ReadonlyArray<string>): ReadonlyArray<Representative> =>
  world.parties.flatMap((party) => {
    const seen = new Set<string>()
    return claimsOf(world, party).flatMap((claims) => {
      const found = stand(world, party, claims, issuers)
      if (found === undefined) return []
      const key = `${found.hop.at.name}\0${found.hop.model?.at.name}`
      if (seen.has(key)) return []
      seen.add(key)
      return [found]
    })
  }).toSorted((a, b) => (a.party.name < b.party.name ? -1 : a.party.name > b.party.name ? 1 : 0))

/** Who asks when this identity acts for nobody, or through `agent`. */
export const principalOf = (identity: Identity, agent?: Identity): InputPrincipal => ({
  ...identity,
  actors: agent === undefined ? [] : [agent],
  evidence: proof
})

const stand = (
  world: World,
  party: WorldParty,
  claims: Identity["claims"],
  issuers: ReadonlyArray<string>
): Representative | undefined => {
  const { group, issuer, subject } = party.match
  for (const filling of fillings) {
    const identity: Identity = {
      issuer: issuer ?? issuers[0] ?? "",
      subject: party.match.pattern ? (subject ?? "").replaceAll("*", filling) : subject ?? `member-${filling}`,
      groups: group === undefined ? [] : [group],
      claims
    }
    const [hop] = chainOf(world, principalOf(identity))
    if (hop?.party === party) return { party, identity, hop }
  }
  return undefined
}

/** The values of the claims that say where a party, or its model, is: every name that there is, and none. */
const claimsOf = (world: World, { at, model }: WorldParty): ReadonlyArray<Identity["claims"]> => {
  const names = [at, model?.at].flatMap((place) => typeof place === "object" ? [place.claim] : [])
  const places = [undefined, ...[...world.zones.keys()].toSorted()]
  let all: ReadonlyArray<Record<string, string>> = [{}]
  for (const name of new Set(names)) {
    all = all.flatMap((claims) => places.map((place) => place === undefined ? claims : { ...claims, [name]: place }))
  }
  return all
}
