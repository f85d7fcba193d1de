import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { defineService, Onlookers, Policy, type PolicyDocument, type Sight } from "../../core/index.ts"
import { type Place, placeOf } from "./compile/zones.ts"
import { chainOf } from "./engine/chain.ts"
import { type Flow, flowOf } from "./engine/flow.ts"
import type { InputPrincipal } from "./engine/inputs.ts"
import { judgePair } from "./engine/pair.ts"
import type { Sink } from "./engine/sinks.ts"
import type { World } from "./world.ts"
import { followPolicy } from "./worlds.ts"

const options = Schema.Struct({}).annotate({ description: "Whom the residency policy lets look at data." })

/** `use: onlookers`: judges who looks on by the same rules as who asks. Supplied where something needs it. */
export const onlookers = defineService({
  name: "onlookers",
  config: options,
  provides: Onlookers,
  requires: [Policy],
  layer: () => Layer.effect(Onlookers, Effect.map(Policy, (policy) => onlookersOf(policy)))
})

/** A policy without a residency section, or one that does not compile, lets nobody look. */
export const onlookersOf = (policy: { readonly current: () => PolicyDocument }): Onlookers["Service"] => {
  const world = follow(policy)
  return {
    refusal: (onlooker, sight) => {
      const current = world()
      return current === undefined ? NO_POLICY : refusal(current, onlooker, sight)
    },
    refusalAt: (place, sight) => {
      const current = world()
      return current === undefined ? NO_POLICY : refusalAt(current, placeOf(current.zones, place), "message", [], sight)
    }
  }
}

const NO_POLICY = "No residency policy says who may look at this."

const follow = (policy: { readonly current: () => PolicyDocument }): () => World | undefined => {
  let current: (() => World) | undefined
  return () => {
    if (current === undefined && policy.current().residency !== undefined) {
      const followed = followPolicy(policy)
      if ("current" in followed) current = followed.current
    }
    return current?.()
  }
}

const refusal = (world: World, onlooker: InputPrincipal, sight: Sight): string | undefined => {
  const [self, ...actors] = chainOf(world, onlooker)
  if (self?.party === undefined) return "You match no party of this gateway's policy."
  if (actors.length > 0 || self.party.agent || self.model !== undefined)
    return "An agent does not look on for a person."
  return refusalAt(world, self.at, "approver", [self.party.name], sight)
}

/** Everything that is shown may hold data of every data set touched, as what is written does: no mask covers it. */
const refusalAt = (
  world: World,
  at: Place,
  sink: string,
  recipients: ReadonlyArray<string>,
  sight: Sight
): string | undefined => {
  const flow = looking(world, sight)
  if (flow === undefined) return "The policy does not know this pipeline."
  for (const name of sight.dataSets) {
    if (name === "catalogue") continue
    const dataSet = world.dataSets.get(name)
    if (dataSet === undefined) {
      if (world.otherwise === "allow") continue
      return `${name.replace("unclassified:", "")} is in no data set, so nobody may look at it.`
    }
    const one: Sink = { sink, at, recipients, masks: false, under: undefined }
    const { check } = judgePair(flow, { check: "home", dataSet, sink: one, access: "written" })
    if (check.outcome !== "allow")
      return `${name} may not be seen at ${at.name}; its home is ${dataSet.home.join(", ")}.`
  }
  return undefined
}

/** The flow of a look: a read, by nobody in particular. */
const looking = (world: World, { now, pipeline }: Sight): Flow | undefined =>
  flowOf(world, {
    pipeline,
    principal: { issuer: "", subject: "", groups: [], claims: {}, actors: [], evidence: "unknown" },
    operation: { kind: "read", reads: [], writes: [], resolved: true },
    seen: {},
    now
  })
