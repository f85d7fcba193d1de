import type { PolicyDocument, Receipt } from "../../core/index.ts"
import { type Compiled, compileWorld } from "./compile/compile-world.ts"
import type { Inputs } from "./engine/inputs.ts"
import { judge } from "./engine/judge.ts"
import type { World } from "./world.ts"

/** Compiled documents: each is compiled once, for all pipelines and sessions. */
const compiled = new WeakMap<PolicyDocument, Compiled>()

/** A compiled document; the same one is not compiled again. */
export const compileOnce = (document: PolicyDocument): Compiled => {
  const known = compiled.get(document)
  if (known !== undefined) return known
  const fresh = compileWorld(document)
  compiled.set(document, fresh)
  return fresh
}

/**
 * The receipt of stored inputs under a stored policy: what an auditor does, and what a simulation does under another
 * policy. Undefined where the document does not compile; `compileWorld` says why.
 */
export const rejudge = (document: PolicyDocument, inputs: Inputs): Receipt | undefined => {
  const { world } = compileOnce(document)
  return world === undefined ? undefined : judge(world, inputs)
}

/** The world in force. A document that does not compile never takes the place of one that did. */
export interface Worlds {
  /** Follows the policy: cheap while it stays the same. */
  readonly current: () => World
}

/** Undefined when the first document does not compile: there is nothing to fall back on. */
export const followPolicy = (policy: { readonly current: () => PolicyDocument }): Worlds | Compiled => {
  let document = policy.current()
  const first = compileOnce(document)
  if (first.world === undefined) return first
  let world = first.world
  return {
    current: () => {
      const next = policy.current()
      if (next !== document) {
        document = next
        world = compileOnce(next).world ?? world
      }
      return world
    }
  }
}
