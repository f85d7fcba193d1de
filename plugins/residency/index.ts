import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
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
  State
} from "../../core/index.ts"
import { Judging } from "./judging.ts"
import { openMeters, Tallier, Tally } from "./meters/index.ts"
import { labelsOf } from "./taint/shared.ts"
import { followPolicy } from "./worlds.ts"

export { type Compiled, compileWorld } from "./compile/compile-world.ts"
export { denialOf } from "./denial.ts"
export type { InputOperation, InputPrincipal, Inputs } from "./engine/inputs.ts"
export { judge } from "./engine/judge.ts"
export { selectionsOf } from "./engine/touched.ts"
export { inputsOf, type Occasion } from "./inputs-of.ts"
export { differenceOf, type MatrixChange, type MatrixDifference } from "./matrix/difference.ts"
export { type Matrix, matrixOf, type MatrixOptions } from "./matrix/matrix.ts"
export { isReachable, type MatrixRow, type MatrixSink, opensMore, reachOf } from "./matrix/row.ts"
export { memoryState } from "./memory-state.ts"
export { describeReceipt } from "./narrate.ts"
export { onlookers, onlookersOf } from "./onlookers.ts"
export type { Problem } from "./problem.ts"
export { protectionOf } from "./protection.ts"
export { ResidencySection } from "./schema.ts"
export { enforced, simulate, type Simulated } from "./simulate.ts"
export { resetLabels } from "./taint/reset.ts"
export { type AtomStory, type LabelStory, readStories } from "./taint/story.ts"
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

/** Judges every operation by the residency policy in force: who asks, what it touches, who will see it, and where. */
export default definePlugin({
  name: "residency",
  family: Any,
  config: options,
  requires: [Principal, Policy],
  provides: [Receipt, ReceiptBasis, Protection, Tally],
  acquire: () =>
    Effect.gen(function*() {
      const policy = yield* Policy
      const followed = followPolicy(policy)
      if ("current" in followed) {
        const state = Option.getOrUndefined(yield* Effect.serviceOption(State))
        if (state === undefined && followed.current().taint.mode !== "off") {
          yield* Effect.logWarning("No `state` is declared: what runs have seen is forgotten when the gateway stops.")
        }
        const labels = labelsOf(policy, state)
        yield* Effect.forkScoped(labels.serve())
        return { worlds: followed, meters: yield* openMeters, labels }
      }
      const first = followed.problems.find(({ severity }) => severity === "error")
      return yield* Effect.fail(pluginError(
        "residency",
        `The policy does not compile: ${first?.message ?? "see sluice check"}. ${first?.remedy ?? ""}`
      ))
    }),
  connect: (session, { config, resources: { labels, meters, worlds } }) => {
    // A session that does not look at answers cannot count: nothing leaves it by a transfer that a reload gave a cap.
    const tallier = worlds.current().caps.size === 0 ? undefined : new Tallier(meters)
    const judging = new Judging(session, { current: worlds.current, labels, tallier, mode: config.mode })
    return {
      authenticate: (login, facts) => judging.authenticate(login, facts),
      inspect: (exchange) => judging.inspect(exchange),
      rewrite: (exchange) => judging.rewrite(exchange),
      decide: (exchange) => judging.decide(exchange),
      input: (_input, exchange) => judging.input(exchange),
      record(entry, exchange) {
        if (entry._tag === "Settled") return judging.end(exchange)
        if (entry._tag === "Answered" || entry.verdict._tag === "Deny") return
        if (entry._tag === "Asked") judging.forward(exchange)
        else judging.forwardInput(exchange)
      },
      recordsAnswers: false,
      spool: judging.spool,
      ...(tallier === undefined ? {} : { observe: (output, exchange) => tallier.see(output, exchange?.find(Tally)) })
    }
  }
})
