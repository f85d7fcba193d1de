import {
  allow,
  type Operation,
  type Protection,
  type Receipt,
  type ReceiptBasis,
  type Verdict
} from "../../core/index.ts"
import { denialOf } from "./denial.ts"
import { canonical } from "./engine/canonical.ts"
import type { InputPrincipal, InputTaint } from "./engine/inputs.ts"
import { judge } from "./engine/judge.ts"
import { inputsOf, type Occasion } from "./inputs-of.ts"
import { countedBy, type Crossing } from "./meters/counted-by.ts"
import { protectionOf } from "./protection.ts"
import { filtersFor, type RowFilter } from "./rows.ts"
import { type Releases, releasesOf } from "./taint/releases.ts"
import { windowAt } from "./window.ts"
import type { World } from "./world.ts"
import { writtenHomes } from "./written.ts"

/** One answer, ready to be given again. */
export interface DecisionMade {
  readonly receipt: Receipt
  readonly basis: ReceiptBasis
  readonly protection: Protection
  readonly verdict: Verdict
  /** What forwarding the operation lets out; undefined where the policy does not know the pipeline. */
  readonly releases: Releases | undefined
  /** Crossings whose rows must be counted. */
  readonly crossings: ReadonlyArray<Crossing>
  /** Rows to leave out before it runs. */
  readonly filters: ReadonlyArray<RowFilter>
  /** The pipeline refuses nothing: it only records. */
  readonly isShadow: boolean
}

interface Entry extends DecisionMade {
  readonly world: World
  readonly principal: InputPrincipal
  readonly pipeline: string
  readonly mode: "enforce" | "shadow" | undefined
  readonly taint: InputTaint | undefined
  readonly spent: Occasion["spent"]
  readonly shape: Shape
  readonly asked: Shape
  /** Homes of written rows: they hang on values, which executions do not share. */
  readonly written: string
  /** Milliseconds since the epoch; good for `start ≤ now < end`. */
  readonly start: number
  readonly end: number
}

/** The parts of an analysed operation that its executions share, and that alone decide. */
interface Shape {
  readonly kind: string
  readonly reads: unknown
  readonly writes: unknown
  readonly resolved: boolean
  readonly unresolved: string | undefined
  readonly results: unknown
  readonly uses: unknown
  readonly confined: unknown
}

/** Answers of one session, kept as long as the operations that they are about. */
export class Decisions {
  readonly #entries = new WeakMap<object, Entry>()

  /** The answer for this occasion: made once for as long as world, caller, operation and window are the same. */
  decide(world: World, occasion: Occasion): DecisionMade {
    const { operation, principal, asked, now } = occasion
    const key = operation.reads.length > 0 ? operation.reads : operation.writes
    const known = this.#entries.get(key)
    if (
      known !== undefined && known.world === world && known.principal === principal
      && known.start <= now && now < known.end
      && known.pipeline === occasion.pipeline && known.mode === occasion.mode
      && known.spent === occasion.spent && known.taint === occasion.taint
      && known.written === writtenBy(world, occasion)
      && same(known.shape, operation) && (asked === operation || same(known.asked, asked))
    ) return known
    const made = make(world, occasion)
    this.#entries.set(key, made)
    return made
  }
}

const writtenBy = (world: World, { operation, pipeline: name }: Occasion): string => {
  const pipeline = world.pipelines.get(name)
  return pipeline === undefined ? "" : JSON.stringify(writtenHomes(world, pipeline, operation))
}

const same = (
  shape: Shape,
  operation: Operation & { readonly results?: unknown; readonly uses?: unknown; readonly confined?: unknown }
): boolean =>
  shape.reads === operation.reads && shape.writes === operation.writes && shape.kind === operation.kind
  && shape.resolved === operation.resolved && shape.unresolved === operation.unresolved
  && shape.results === operation.results && shape.uses === operation.uses
  && shape.confined === operation.confined

const shapeOf = (
  operation: Operation & { readonly results?: unknown; readonly uses?: unknown; readonly confined?: unknown }
): Shape => ({
  kind: operation.kind,
  reads: operation.reads,
  writes: operation.writes,
  resolved: operation.resolved,
  unresolved: operation.unresolved,
  results: operation.results,
  uses: operation.uses,
  confined: operation.confined
})

const make = (world: World, occasion: Occasion): Entry => {
  const { start, end } = windowAt(world, occasion.now)
  const inputs = inputsOf(world, occasion)
  const text = canonical(inputs)
  const receipt = judge(world, inputs, text)
  const pipeline = world.pipelines.get(occasion.pipeline)
  const mode = occasion.mode ?? pipeline?.mode ?? "enforce"
  const protection = pipeline === undefined
    ? { columns: [], obliged: [] }
    : protectionOf(world, pipeline, occasion.operation, receipt, mode)
  return {
    receipt,
    basis: { policy: world.document, inputs: text },
    protection,
    releases: pipeline && releasesOf(world, pipeline, occasion.operation, inputs),
    taint: occasion.taint,
    filters: mode === "shadow" ? [] : filtersFor(world, inputs),
    isShadow: mode === "shadow",
    crossings: receipt.outcome === "deny" ? [] : countedBy(world, inputs, receipt, protection),
    verdict: receipt.outcome === "deny" ? denialOf(world, receipt, inputs) : allow,
    world,
    principal: occasion.principal,
    pipeline: occasion.pipeline,
    mode: occasion.mode,
    spent: occasion.spent,
    shape: shapeOf(occasion.operation),
    asked: shapeOf(occasion.asked),
    written: writtenBy(world, occasion),
    start,
    end
  }
}
