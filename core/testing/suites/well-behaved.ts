import fc from "fast-check"
import type { Exchange, Session } from "../../exchange/index.ts"
import type { Operation, Output } from "../../family/index.ts"
import { type ConnectedPlugin, Stages } from "../../pipeline/index.ts"
import type { Fact } from "../../plugin/index.ts"
import { runs } from "../runs.ts"

/** What a plugin is shown by `wellBehaved`. */
export interface PluginSubject {
  readonly plugin: ConnectedPlugin
  /** Facts that earlier plugins would have set. */
  readonly facts?: ReadonlyArray<readonly [fact: Fact<unknown>, value: unknown]>
  /** Every shape of operation that the plugin's family knows. */
  readonly operations: fc.Arbitrary<Operation>
  /** Pieces of answers. */
  readonly outputs: fc.Arbitrary<Output>
}

/**
 * A plugin's hooks are synchronous, survive every operation and every piece of an answer that their family can make,
 * and keep no loans: each output is taken away the moment its hook returns, and whoever touches it later is found out.
 */
export const wellBehaved = (subject: PluginSubject, cases?: number): void =>
  fc.assert(
    fc.property(fc.array(fc.tuple(subject.operations, fc.array(subject.outputs, { maxLength: 4 }))), (script) => {
      const faults: Array<string> = []
      const stages = Stages.connect(session, [subject.plugin], (plugin, stage, error) => {
        faults.push(`${plugin}.${stage}: ${error instanceof Error ? error.message : "it threw"}`)
      })
      if (!(stages instanceof Stages)) throw new Error(`The plugin refused a plain session: ${stages.message}`)
      for (const [fact, value] of subject.facts ?? []) stages.facts.set(fact, value)
      for (const [index, [operation, outputs]] of script.entries()) play(stages, index + 1, operation, outputs)
      stages.close("finished")
      if (faults.length > 0) throw new Error(faults.join("\n"))
    }),
    runs(cases)
  )

const session: Session = {
  id: "session",
  pipeline: "pipeline",
  peer: { address: "127.0.0.1", port: 1, encrypted: false },
  now: () => 1_700_000_000_000
}

const play = (stages: Stages, id: number, operation: Operation, outputs: ReadonlyArray<Output>): void => {
  const exchange: Exchange = { id, session, operation, asked: operation }
  const known = stages.see(exchange, operation)
  const verdict = stages.judge(known, () => operation)
  if (verdict._tag === "Held") return
  stages.note({ _tag: "Asked", operation, asked: operation, verdict }, known)
  for (const output of verdict._tag === "Allow" ? outputs : []) {
    const patched = Proxy.revocable(output, {})
    stages.patch(patched.proxy, known)
    patched.revoke()
    const recorded = Proxy.revocable(output, {})
    stages.note({ _tag: "Answered", output: recorded.proxy }, known)
    recorded.revoke()
  }
  const result = verdict._tag === "Allow" ? "completed" : "denied"
  stages.note({ _tag: "Settled", outcome: { result, rows: outputs.length, bytes: 0 } }, known)
}
