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
  ReceiptBasis,
  type Verdict
} from "../../core/index.ts"
import { Decisions } from "./decisions.ts"
import { followPolicy } from "./worlds.ts"

export { type Compiled, compileWorld } from "./compile/compile-world.ts"
export { denialOf } from "./denial.ts"
export type { InputOperation, InputPrincipal, Inputs } from "./engine/inputs.ts"
export { judge } from "./engine/judge.ts"
export { inputsOf, type Occasion } from "./inputs-of.ts"
export { describeReceipt } from "./narrate.ts"
export { onlookers, onlookersOf } from "./onlookers.ts"
export type { Problem } from "./problem.ts"
export { protectionOf } from "./protection.ts"
export { ResidencySection } from "./schema.ts"
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
const verdictsMax = 4096

/** Judges every operation by the residency policy in force: who asks, what it touches, who will see it, and where. */
export default definePlugin({
  name: "residency",
  family: Any,
  config: options,
  requires: [Principal, Policy],
  provides: [Receipt, ReceiptBasis, Protection],
  acquire: () =>
    Effect.gen(function*() {
      const followed = followPolicy(yield* Policy)
      if ("current" in followed) return followed
      const first = followed.problems.find(({ severity }) => severity === "error")
      return yield* Effect.fail(pluginError(
        "residency",
        `The policy does not compile: ${first?.message ?? "see sluice check"}. ${first?.remedy ?? ""}`
      ))
    }),
  connect: (session, { config, resources }) => {
    const decisions = new Decisions()
    // What `inspect` made of each exchange: `decide` says just that, even when the policy has changed in between.
    const verdicts = new Map<number, Verdict>()
    return {
      inspect(exchange) {
        const { receipt, basis, protection, verdict } = decisions.decide(resources.current(), {
          pipeline: session.pipeline,
          principal: exchange.get(Principal),
          operation: exchange.operation,
          asked: exchange.asked,
          now: session.now(),
          mode: config.mode
        })
        exchange.set(Receipt, receipt)
        exchange.set(ReceiptBasis, basis)
        exchange.set(Protection, protection)
        verdicts.set(exchange.id, verdict)
        if (verdicts.size <= verdictsMax) return
        const [oldest] = verdicts.keys()
        if (oldest !== undefined) verdicts.delete(oldest)
      },
      decide(exchange) {
        const verdict = verdicts.get(exchange.id)
        if (verdict === undefined) throw new Error("an operation was decided that had not been inspected")
        verdicts.delete(exchange.id)
        return verdict
      }
    }
  }
})
