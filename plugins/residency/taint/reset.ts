import * as Effect from "effect/Effect"
import type { PluginError, State } from "../../../core/index.ts"
import { dayOf } from "./forgetting.ts"
import { nameOf, SPACE } from "./key.ts"
import { decodeLabel, type StoredLabel } from "./label.ts"
import { labelsCalled } from "./story.ts"

const RESETS_KEPT_MAX = 100

/**
 * An owner's word that labels end: of every run or agent called `id`. What they held stays in the label's history, and
 * every receipt from then on cites the reset, so that it stands in the ledger. Answers the names of what was reset.
 */
export const resetLabels = (
  state: State["Service"],
  id: string,
  reset: { readonly at: number; readonly by: string; readonly reason: string }
): Effect.Effect<ReadonlyArray<string>, PluginError> =>
  Effect.gen(function*() {
    const found = yield* labelsCalled(state, id)
    return yield* Effect.forEach(found, ([key]) =>
      state.update(SPACE, key, (text) => {
        const label = decodeLabel(text)
        const resets = [...label.resets, { ...reset, atoms: label.atoms }].slice(-RESETS_KEPT_MAX)
        const next: StoredLabel = { ...label, atoms: [], spent: 0, resets, used: dayOf(reset.at) }
        return { next: JSON.stringify(next), result: nameOf(key) }
      }))
  })
