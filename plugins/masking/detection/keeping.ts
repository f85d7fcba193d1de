import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type PluginError, type State } from "../../../core/index.ts"
import { type Decided, Memory } from "./memory.ts"

const SPACE = "masking.detected"
const SAVE_EVERY_MILLISECONDS = 1000

type Held = State["Service"]

/**
 * What was decided of columns before, and from now on keeps what is decided: in the state, where the file has one, else
 * until the gateway stops. What cannot be written is written later; what was decided holds meanwhile.
 */
export const openMemory = (state: Held | undefined): Effect.Effect<Memory, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    if (state === undefined) return new Memory()
    const found = yield* state.list(SPACE, "")
    const memory = new Memory(found.flatMap(([key, value]) => {
      const decided = read(value)
      return decided === undefined ? [] : [[key, decided] as const]
    }))
    const saving = save(state, memory)
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(SAVE_EVERY_MILLISECONDS), saving)))
    yield* Effect.addFinalizer(() => saving)
    return memory
  })

const save = (state: Held, memory: Memory): Effect.Effect<void> =>
  Effect.suspend(() => {
    const decisions = memory.takeUnsaved()
    return Effect.forEach(
      decisions,
      ([key, decided]) =>
        state.update(SPACE, key, () => ({ next: JSON.stringify({ v: 1, ...decided }), result: undefined })),
      { discard: true }
    ).pipe(Effect.catch((error) => {
      memory.giveBack(decisions)
      return Effect.logWarning(`What columns were found to hold cannot be written: ${error.message}`)
    }))
  })

/** A value of another version, or that is none, counts as nothing decided: the column is learned anew. */
const read = (value: string): Decided | undefined => {
  try {
    const { kind, origin, v } = JSON.parse(value) as { v?: unknown; kind?: unknown; origin?: unknown }
    if (v !== 1 || typeof kind !== "string") return undefined
    return typeof origin === "string" ? { kind, origin } : { kind }
  } catch {
    return undefined
  }
}
