import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type PluginError, State } from "../../../core/index.ts"
import { Meters } from "./meters.ts"

/** One set of meters for each state, shared by all pipelines and generations that use it, and how many do. */
const shared = new WeakMap<object, { readonly meters: Meters; users: number }>()

/** The meters of this gateway; undefined where there is no state to keep them in. Stored when nobody uses them more. */
export const openMeters: Effect.Effect<Meters | undefined, PluginError, Scope.Scope> = Effect.gen(function*() {
  const found = yield* Effect.serviceOption(State)
  if (Option.isNone(found)) return undefined
  const state = found.value
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
