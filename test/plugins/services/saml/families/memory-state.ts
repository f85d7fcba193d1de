import * as Effect from "effect/Effect"

/** The service `State` in memory, for one process. */
export const updating = () => {
  const kept = new Map<string, string>()
  return {
    kept,
    update: <A>(
      _space: string,
      key: string,
      change: (kept: string | undefined) => { readonly next: string | undefined; readonly result: A }
    ) =>
      Effect.sync(() => {
        const { next, result } = change(kept.get(key))
        if (next === undefined) kept.delete(key)
        else kept.set(key, next)
        return result
      }),
    list: () => Effect.sync(() => [...kept])
  }
}
