import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type * as Context from "effect/Context"
import { isDeepStrictEqual } from "node:util"
import type { PluginError } from "../exchange/index.ts"
import { type Door, doorKey, openDoor } from "./doors.ts"
import { type Generation, openGeneration } from "./generation.ts"
import type { PipelinePlan, Plan } from "./plan.ts"
import { closeServices, openServices, type ServiceSet } from "./services.ts"
import type { Counters } from "./telemetry/counters.ts"
import type { Drift } from "./whereabouts.ts"

/** What one plan needs, opened: some of it taken over from the plan before. */
export interface House {
  readonly plan: Plan
  readonly services: ServiceSet
  readonly generations: ReadonlyMap<string, Generation>
  readonly doors: ReadonlyMap<string, Door>
}

export interface HouseRoom {
  /** Services that the gateway itself provides. */
  readonly provided: Context.Context<never>
  readonly scope: Scope.Scope
  readonly counters: (pipeline: string) => Counters
  readonly certificateTrouble: (pipeline: string, reason: string) => void
  readonly drifted: (pipeline: string, drift: Drift) => void
}

/**
 * Opens what `plan` needs and `before` has not. What did not change is the same object in both. When any part fails,
 * what was opened for `plan` is closed again, and `before` is untouched.
 */
export const openHouse = (
  plan: Plan,
  before: House | undefined,
  room: HouseRoom
): Effect.Effect<House, PluginError> =>
  Effect.suspend(() => {
    const undo: Array<Effect.Effect<void>> = []
    const build = Effect.gen(function*() {
      const services = yield* openServices(plan.services, before?.services, room.provided, room.scope)
      undo.push(closeServices(services.opened))
      const sameServices = before !== undefined && services.opened.length === 0
        && services.running.length === before.services.running.length
      const generations = new Map<string, Generation>()
      const doors = new Map<string, Door>()
      for (const pipeline of plan.pipelines) {
        const kept = sameServices ? before.generations.get(pipeline.name) : undefined
        if (kept !== undefined && samePipeline(kept.plan, pipeline)) generations.set(pipeline.name, kept)
        else {
          const fresh = yield* openGeneration(pipeline, {
            services: services.context,
            counters: room.counters(pipeline.name),
            scope: room.scope,
            certificateTrouble: (reason) => room.certificateTrouble(pipeline.name, reason),
            drifted: (drift) => room.drifted(pipeline.name, drift)
          })
          undo.push(Scope.close(fresh.scope, Exit.void))
          generations.set(pipeline.name, fresh)
        }
        const open = before?.doors.get(doorKey(pipeline))
        const door = open ?? (yield* openDoor(pipeline))
        if (open === undefined) undo.push(Effect.sync(() => door.listener.close()))
        doors.set(door.key, door)
      }
      return { plan, services, generations, doors }
    })
    return Effect.onError(build, () => Effect.forEach(undo.toReversed(), (close) => close, { discard: true }))
  })

/** Limits hold for running sessions too, so a change of them alone needs no new generation. */
const samePipeline = (one: PipelinePlan, other: PipelinePlan): boolean =>
  isDeepStrictEqual({ ...one, limits: undefined }, { ...other, limits: undefined })
