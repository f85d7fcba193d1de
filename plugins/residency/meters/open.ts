import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type PluginError, State } from "../../../core/index.ts"
import { memoryState } from "../memory-state.ts"
import { Meters } from "./meters.ts"

/** One set of meters for each state, shared by all pipelines and generations that use it, and how many do. */
const shared = new WeakMap<object, { readonly meters: Meters; users: number }>()

/** Where people are counted when the file declares no state: across every reload, and until the process ends. */
const forgetful = memoryState()

/** The meters of this gateway. Stored when nobody uses them more. */
export const openMeters: Effect.Effect<Meters, PluginError, Scope.Scope> = Effect.gen(function*() {
  const state = Option.getOrElse(yield* Effect.serviceOption(State), () => forgetful)
  const meters = yield* Effect.acquireRelease(
    Effect.gen(function*() {
      const known = shared.get(state) ?? { meters: yield* Meters.load(state), users: 0 }
      shared.set(state, known)
      known.users++
      return known.meters
    }),
    (open) =>
      Effect.suspend(() => {
        const known = shared.get(state)
        if (known === undefined || --known.users > 0) return Effect.void
        shared.delete(state)
        return open.storeAll()
      })
  )
  yield* Effect.forkScoped(meters.keepStored)
  return meters
})
