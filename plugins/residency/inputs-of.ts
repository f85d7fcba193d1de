import type { Operation, Principal, Resource } from "../../core/index.ts"
import type { InputPrincipal, Inputs, InputTaint } from "./engine/inputs.ts"
import { seenBy } from "./seen.ts"
import { windowAt } from "./window.ts"
import type { World } from "./world.ts"

/** What is asked, by whom, through which pipeline. `asked` is the operation before any rewriting. */
export interface Occasion {
  readonly pipeline: string
  readonly principal: Omit<Principal, "expiresAt">
  readonly operation: Operation
  readonly asked: Operation
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The plugin's own mode, when its options name one. */
  readonly mode?: "enforce" | "shadow" | undefined
  /** What the caller's run has seen; undefined while that is nothing. */
  readonly taint?: InputTaint | undefined
}

/**
 * The engine's inputs for an occasion. `now` is the start of the window that the moment lies in, so that all answers
 * given within one window rest on the same inputs.
 */
export const inputsOf = (world: World, occasion: Occasion): Inputs => {
  const { operation, asked } = occasion
  const pipeline = world.pipelines.get(occasion.pipeline)
  return {
    pipeline: occasion.pipeline,
    principal: principalOf(occasion.principal),
    operation: {
      kind: operation.kind,
      reads: operation.reads.map(resourceOf),
      writes: operation.writes.map(resourceOf),
      resolved: operation.resolved,
      ...(operation.unresolved === undefined ? {} : { unresolved: operation.unresolved })
    },
    seen: pipeline === undefined ? {} : seenBy(world, pipeline, operation, asked),
    ...(occasion.taint === undefined ? {} : { taint: occasion.taint }),
    now: windowAt(world, occasion.now).start,
    ...(occasion.mode === undefined || occasion.mode === pipeline?.mode ? {} : { mode: occasion.mode })
  }
}

const principalOf = ({ issuer, subject, groups, claims, actors, evidence }: Occasion["principal"]): InputPrincipal => ({
  issuer,
  subject,
  groups,
  claims,
  actors: actors.map((actor) => ({
    issuer: actor.issuer,
    subject: actor.subject,
    groups: actor.groups,
    claims: actor.claims
  })),
  evidence
})

const resourceOf = ({ kind, name, fields, within }: Resource): Resource => ({
  kind,
  name,
  ...(fields === undefined ? {} : { fields }),
  ...(within === undefined ? {} : { within })
})
