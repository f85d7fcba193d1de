import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  Any,
  definePlugin,
  pluginError,
  Policy,
  Principal,
  Protection,
  Receipt,
  ReceiptBasis
} from "../../core/index.ts"
import { type DecisionMade, Decisions } from "./decisions.ts"
import { openMeters, Tallier, Tally } from "./meters/index.ts"
import { withoutOtherRows } from "./rows.ts"
import type { World } from "./world.ts"
import { followPolicy } from "./worlds.ts"

export { type Compiled, compileWorld } from "./compile/compile-world.ts"
export { denialOf } from "./denial.ts"
export type { InputOperation, InputPrincipal, Inputs } from "./engine/inputs.ts"
export { judge } from "./engine/judge.ts"
export { inputsOf, type Occasion } from "./inputs-of.ts"
export { differenceOf, type MatrixChange, type MatrixDifference } from "./matrix/difference.ts"
export { type Matrix, matrixOf, type MatrixOptions } from "./matrix/matrix.ts"
export { isReachable, type MatrixRow, type MatrixSink, opensMore, reachOf } from "./matrix/row.ts"
export { describeReceipt } from "./narrate.ts"
export { onlookers, onlookersOf } from "./onlookers.ts"
export type { Problem } from "./problem.ts"
export { protectionOf } from "./protection.ts"
export { ResidencySection } from "./schema.ts"
export { enforced, simulate, type Simulated } from "./simulate.ts"
export { windowAt } from "./window.ts"
export type { World } from "./world.ts"
export { rejudge } from "./worlds.ts"

const options = Schema.Struct({
  mode: Schema.optionalKey(
    Schema.Literals(["enforce", "shadow"]).annotate({
      description:
        "shadow records what would have been refused and lets it pass. The pipeline's own mode when left out."
    })
  )
}).annotate({ description: "Judges where data may be seen, by the file's residency section." })

/** How many exchanges may be inspected and not yet decided; beyond it the oldest are refused. */
const pendingMax = 4096

/** Judges every operation by the residency policy in force: who asks, what it touches, who will see it, and where. */
export default definePlugin({
  name: "residency",
  family: Any,
  config: options,
  requires: [Principal, Policy],
  provides: [Receipt, ReceiptBasis, Protection, Tally],
  acquire: () =>
    Effect.gen(function*() {
      const followed = followPolicy(yield* Policy)
      if ("current" in followed) return { worlds: followed, meters: yield* openMeters }
      const first = followed.problems.find(({ severity }) => severity === "error")
      return yield* Effect.fail(pluginError(
        "residency",
        `The policy does not compile: ${first?.message ?? "see sluice check"}. ${first?.remedy ?? ""}`
      ))
    }),
  connect: (session, { config, resources: { meters, worlds } }) => {
    const decisions = new Decisions()
    // What `inspect` made of each exchange: `decide` says just that, even when the policy has changed in between.
    const pending = new Map<number, { readonly made: DecisionMade; readonly world: World }>()
    // A session that does not look at answers cannot count: nothing leaves it by a transfer that a reload gave a cap.
    const tallier = meters === undefined || worlds.current().caps.size === 0 ? undefined : new Tallier(meters)
    return {
      inspect(exchange) {
        const world = worlds.current()
        const now = session.now()
        const made = decisions.decide(world, {
          pipeline: session.pipeline,
          principal: exchange.get(Principal),
          operation: exchange.operation,
          asked: exchange.asked,
          now,
          spent: tallier === undefined ? undefined : tallier.spent(world, now),
          mode: config.mode
        })
        exchange.set(Receipt, made.receipt)
        exchange.set(ReceiptBasis, made.basis)
        exchange.set(Protection, made.protection)
        // Also where nothing counts: what was asked may have counted, and have been rewritten since.
        if (tallier !== undefined) exchange.set(Tally, tallier.tally(made, exchange.operation, now))
        pending.set(exchange.id, { made, world })
        if (pending.size <= pendingMax) return
        const [oldest] = pending.keys()
        if (oldest !== undefined) pending.delete(oldest)
      },
      rewrite(exchange) {
        const { made, world } = pending.get(exchange.id) ?? {}
        if (made === undefined || made.filters.length === 0) return undefined
        const pipeline = world?.pipelines.get(session.pipeline)
        return pipeline && withoutOtherRows(pipeline, exchange.operation, made.filters)
      },
      decide(exchange) {
        const verdict = pending.get(exchange.id)?.made.verdict
        if (verdict === undefined) throw new Error("an operation was decided that had not been inspected")
        pending.delete(exchange.id)
        if (tallier === undefined || verdict._tag === "Deny") return verdict
        const tally = exchange.find(Tally)
        return tally === undefined ? verdict : tallier.reserve(tally)
      },
      ...(tallier === undefined ? {} : { observe: (output, exchange) => tallier.see(output, exchange?.find(Tally)) })
    }
  }
})
