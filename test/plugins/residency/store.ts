import * as Effect from "effect/Effect"
import { pluginError, type State } from "../../../core/index.ts"

/** A state in memory that answers at once; `fails` makes every call fail, `forget` changes what is stored. */
export const memory = () => {
  const values = new Map<string, string>()
  const knobs = { fails: false, forget: (value: string | undefined): string | undefined => value, updates: 0 }
  const at = (space: string, key: string): string => `${space}\u0000${key}`
  const attempt = <A>(work: () => A) =>
    Effect.suspend(() =>
      knobs.fails ? Effect.fail(pluginError("memory", "The state is gone.")) : Effect.succeed(work())
    )
  const store: State["Service"] = {
    read: (space, key) => attempt(() => values.get(at(space, key))),
    list: (space, prefix) =>
      attempt(() =>
        [...values].filter(([key]) => key.startsWith(at(space, prefix))).map(([key, value]) =>
          [key.slice(space.length + 1), value] as const
        )
      ),
    update: (space, key, change) =>
      attempt(() => {
        knobs.updates++
        const { next, result } = change(values.get(at(space, key)))
        const kept = knobs.forget(next)
        if (kept === undefined) values.delete(at(space, key))
        else values.set(at(space, key), kept)
        return result
      })
  }
  return { store, values, knobs }
}
