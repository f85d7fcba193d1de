import * as Effect from "effect/Effect"
import type { State } from "../../core/index.ts"

/** State that nothing outlives: for rehearsals, and for a file that declares none, of which `check` warns. */
export const memoryState = (): State["Service"] => {
  const values = new Map<string, string>()
  const at = (space: string, key: string): string => `${space}\0${key}`
  return {
    stamp: () => 0,
    read: (space, key) => Effect.sync(() => values.get(at(space, key))),
    update: (space, key, change) =>
      Effect.sync(() => {
        const { next, result } = change(values.get(at(space, key)))
        if (next === undefined) values.delete(at(space, key))
        else values.set(at(space, key), next)
        return result
      }),
    list: (space, prefix) =>
      Effect.sync(() =>
        [...values].filter(([key]) => key.startsWith(at(space, prefix)))
          .map(([key, value]) => [key.slice(space.length + 1), value] as const)
      )
  }
}
