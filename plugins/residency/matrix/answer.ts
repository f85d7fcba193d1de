import type { ReceiptCheck } from "../../../core/index.ts"
import { combine } from "../engine/combine.ts"
import type { Finding } from "../engine/finding.ts"
import type { Flow } from "../engine/flow.ts"
import { findingsOf } from "../engine/judge.ts"
import { inShadow, outcomeOf } from "../engine/outcome.ts"
import { type MatrixRow, type MatrixSink, opensMore } from "./row.ts"

/** What the engine makes of one flow, in short. */
export type Answer = Omit<MatrixRow, "party" | "at" | "pipeline" | "data_set" | "operation" | "access"> & {
  /** Denied by something other than a rule: whoever joins the chain, it stays denied. */
  readonly barred: boolean
}

/** What is barred, where nobody asks why. */
const never: Answer = { decision: "deny", outcome: "deny", sinks: [], obligations: [], barred: true }

/**
 * The engine's answer; of what is barred, the reason only if `denied`. Where a rule that looks at more than the party
 * makes it stricter, the milder one stands, and the rule is named: for some identity of this party it may hold.
 */
export const answerOf = (flow: Flow, denied: boolean): Answer => {
  let barred = false
  const findings = findingsOf(flow, (finding) => barred ||= bars(flow, finding))
  if (barred && !denied) return never
  const full = { ...summarise(flow, findings), barred }
  const personal = new Set(flow.world.rules.filter((rule) => rule.personal).map(({ name }) => name))
  if (personal.size === 0) return full
  const added = findings.filter(({ check }) => check.check === "rule" && personal.has(check.cites ?? ""))
  if (added.length === 0) return full
  const without = { ...summarise(flow, findings.filter((one) => !added.includes(one))), barred }
  const unless = [...new Set(added.map(({ check }) => check.cites ?? ""))].toSorted()
  return opensMore(without, full) ? { ...without, unless } : full
}

/** Whether a finding is a denial that nothing takes back: not a shadow's, nor a rule's, which may be left out. */
const bars = ({ inputs, pipeline, world }: Flow, finding: Finding): boolean =>
  finding.check.outcome === "deny" && finding.check.check !== "rule" && !inShadow(world, finding)
  && (inputs.mode ?? pipeline.mode) === "enforce"

const summarise = (flow: Flow, findings: ReadonlyArray<Finding>): Omit<Answer, "barred"> => {
  const { code, decision, obligations } = combine(findings)
  const made = outcomeOf(findings, flow.world, flow.pipeline.plugins, flow.inputs.mode ?? flow.pipeline.mode)
  return {
    decision,
    ...(code === undefined ? {} : { code }),
    ...made,
    // Who sees what is said only of what can happen: most of a large matrix cannot.
    sinks: made.outcome === "deny" ? [] : sinksIn(flow, findings),
    obligations: made.outcome === "deny" ? [] : obligations
  }
}

/** Every sink once, with the strictest of the answers about it. */
const sinksIn = ({ chain }: Flow, findings: ReadonlyArray<Finding>): ReadonlyArray<MatrixSink> => {
  // An actor is known by its subject, which here was made up: its party says who it is.
  const [, ...actors] = chain
  const named = new Map(actors.map(({ label, party }) => [label, `actor:${party?.name ?? "unknown"}`]))
  const sinks = new Map<string, MatrixSink>()
  for (const { check } of findings) {
    if (check.sink === undefined || (check.check !== "home" && check.check !== "landing")) continue
    const key = `${check.sink}\0${check.at}`
    const known = sinks.get(key)
    if (known === undefined || opensMore(known, check))
      sinks.set(key, sinkOf(named.get(check.sink) ?? check.sink, check))
  }
  return [...sinks.values()]
}

const sinkOf = (sink: string, { at, cites, outcome }: ReceiptCheck): MatrixSink => ({
  sink,
  at: at ?? "unknown",
  outcome,
  ...(cites === undefined ? {} : { cites })
})
