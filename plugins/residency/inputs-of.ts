import type { Operation, Principal, Resource } from "../../core/index.ts"
import type { InputPrincipal, Inputs, InputTaint, Spent } from "./engine/inputs.ts"
import { touchedBy } from "./engine/touched.ts"
import { confinedHomes } from "./rows.ts"
import { isStatement, seenBy } from "./seen.ts"
import { windowAt } from "./window.ts"
import type { World } from "./world.ts"
import { writtenHomes } from "./written.ts"

/** What is asked, by whom, through which pipeline. `asked` is the operation before any rewriting. */
export interface Occasion {
  readonly pipeline: string
  readonly principal: Omit<Principal, "expiresAt">
  readonly operation: Operation
  readonly asked: Operation
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The caps that are reached; undefined where nobody counts: then a capped transfer covers nothing. */
  readonly spent?: ReadonlyArray<Spent> | undefined
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
  const spent = spentOf(world, occasion)
  const homes = pipeline === undefined ? {} : confinedHomes(world, pipeline, operation)
  const written = pipeline === undefined ? {} : writtenHomes(world, pipeline, operation)
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
    ...(Object.keys(homes).length === 0 ? {} : { homes }),
    ...(Object.keys(written).length === 0 ? {} : { written }),
    ...(spent.length === 0 ? {} : { spent }),
    now: windowAt(world, occasion.now).start,
    ...(occasion.mode === undefined || occasion.mode === pipeline?.mode ? {} : { mode: occasion.mode })
  }
}

/**
 * The reached caps of transfers of what is read. Where nobody counts, and for answers that do not come as rows, every
 * cap counts as reached twice: such a transfer covers nothing.
 */
const spentOf = (world: World, { operation, pipeline: name, spent }: Occasion): ReadonlyArray<Spent> => {
  const pipeline = world.pipelines.get(name)
  if (world.caps.size === 0 || pipeline === undefined) return []
  const relevant = new Set(
    touchedBy(world, pipeline, operation).reads.flatMap(({ transfers }) => transfers)
      .filter(({ cap }) => cap !== undefined).map(({ id }) => id)
  )
  if (spent !== undefined && isStatement(operation)) return spent.filter(({ transfer }) => relevant.has(transfer))
  return [...relevant].toSorted().map((transfer) => ({ transfer, data_set: "*", recipient: "*", level: "twice" }))
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
