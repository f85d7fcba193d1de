import * as Effect from "effect/Effect"
import { Any, definePlugin, Ledger, Policy, Principal } from "../../core/index.ts"
import type { RowRun } from "../../core/family/sql/index.ts"
import { policiesOf } from "./bases.ts"
import { RecordingConfig } from "./config.ts"
import { Recorder } from "./recorder.ts"

/** Writes down who asked what, before it runs, how it was judged, and how it ended; answers where the file says so. */
export const recording = definePlugin({
  name: "recording",
  family: Any,
  config: RecordingConfig,
  requires: [Principal, Ledger, Policy],
  acquire: (config) =>
    Effect.gen(function*() {
      const ledger = yield* Ledger
      const policy = yield* Policy
      yield* ledger.keep(config.keep_days)
      return { ledger, policy, policies: policiesOf(ledger) }
    }),
  connect: (session, { config, resources: { ledger, policies, policy } }) => {
    const recorder = new Recorder(session, config, ledger.open(session), ledger.digest, policy.current, policies)
    return {
      spool: recorder.log,
      recordSession: (entry, facts) => recorder.login(entry, facts),
      record: (entry, exchange) => recorder.note(entry, exchange),
      // Runs are of rows: no other family has any.
      recordRun: (rows, exchange) => recorder.noteRun(rows as RowRun, exchange),
      recordsAnswers: config.answers,
      close: (reason) => recorder.close(reason)
    }
  }
})
export default recording
