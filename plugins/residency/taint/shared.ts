import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Figures, type State } from "../../../core/index.ts"
import { memoryState } from "../memory-state.ts"
import { Forgetting } from "./forgetting.ts"
import { Labels } from "./labels.ts"

const shared = new WeakMap<object, Labels>()
const forgetting = new WeakMap<Labels, Forgetting>()

/**
 * The labels of a gateway: the same for all its pipelines, and for every plan that keeps its state. Where there is no
 * state they live as long as the gateway, whose policy service is known to all its pipelines.
 */
export const labelsOf = (policy: object, state: State["Service"] | undefined): Labels => {
  const owner = state ?? policy
  const known = shared.get(owner) ?? new Labels(state ?? memoryState())
  shared.set(owner, known)
  return known
}

/** What forgets these labels, once for all pipelines. */
export const forgettingOf = (labels: Labels): Effect.Effect<Forgetting> =>
  Effect.map(Effect.serviceOption(Figures), (figures) => {
    const count = Option.match(figures, {
      onNone: () => () => {},
      onSome: ({ counter }) =>
        counter("sluice_labels_forgotten", "Labels of runs, agents and stores that were forgotten")
    })
    const known = forgetting.get(labels) ?? new Forgetting(labels, count)
    forgetting.set(labels, known)
    return known
  })
