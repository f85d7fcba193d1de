import type { State } from "../../../core/index.ts"
import { memoryState } from "../memory-state.ts"
import { Labels } from "./labels.ts"

const shared = new WeakMap<object, Labels>()

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
