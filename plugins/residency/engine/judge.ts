import type { Receipt } from "../../../core/index.ts"
import type { World } from "../world.ts"
import { canonical, digestOf } from "./canonical.ts"
import { clearance } from "./clearance.ts"
import { combine } from "./combine.ts"
import { evidence } from "./evidence.ts"
import { type Finding, finding } from "./finding.ts"
import { type Flow, flowOf } from "./flow.ts"
import { home } from "./home.ts"
import { identity } from "./identity.ts"
import type { Inputs } from "./inputs.ts"
import { landing } from "./landing.ts"
import { outcomeOf } from "./outcome.ts"
import { resolve } from "./resolve.ts"
import { rules } from "./rules.ts"
import { upstreamSink } from "./sinks.ts"
import { carried, taint } from "./taint.ts"

/** The checks, in the order in which their codes win. Each adds answers and sees none of the others'. */
const checks: ReadonlyArray<(flow: Flow) => ReadonlyArray<Finding>> = [
  identity,
  resolve,
  clearance,
  evidence,
  home,
  landing,
  taint,
  rules
]

/**
 * What every check says of a flow, in the order in which their codes win. Ends before the checks that could change
 * nothing any more, for whoever only wants the answer: after the first finding that is `final`.
 */
export const findingsOf = (flow: Flow, final?: (finding: Finding) => boolean): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  for (const check of checks) {
    const found = check(flow)
    findings.push(...found)
    if (final !== undefined && found.some(final)) break
  }
  return findings
}

/**
 * The residency engine: one operation judged by one policy. Pure: no clock, no I/O; the same inputs under the same
 * world give the same receipt, now and for the auditor. `text` is the inputs as canonical JSON, for whoever has it.
 */
export const judge = (world: World, inputs: Inputs, text = canonical(inputs)): Receipt => {
  const flow = flowOf(world, inputs)
  if (flow === undefined) return nowhere(world, inputs, text)
  const findings = findingsOf(flow)
  const { decision, code, checks: answers, obligations } = combine(findings)
  const { reads, writes, unclassified, internals, catalogue } = flow.touched
  const party = flow.chain[0]?.party?.name
  const seers = [...flow.sinks, ...(writes.length > 0 ? [upstreamSink(flow.pipeline)] : []), ...flow.endpoints]
  return {
    decision,
    ...(code === undefined ? {} : { code }),
    operation: inputs.operation.kind,
    reads: [
      ...reads.map(({ name }) => name),
      ...(catalogue ? ["catalogue"] : []),
      ...[...unclassified.reads, ...internals.reads].map(label)
    ],
    writes: [...writes.map(({ name }) => name), ...[...unclassified.writes, ...internals.writes].map(label)],
    ...carriedBy(flow),
    sinks: flow.touched.data ? seers.map(({ sink, at }) => ({ sink, at: at.name })) : [],
    checks: answers,
    obligations,
    ...outcomeOf(findings, world, flow.pipeline.plugins, inputs.mode ?? flow.pipeline.mode),
    ...(party === undefined ? {} : { party }),
    policy: world.hash,
    inputs: digestOf(text)
  }
}

const carriedBy = (flow: Flow): Pick<Receipt, "carries"> => {
  const carries = carried(flow)
  return carries.length === 0 ? {} : { carries }
}

const label = (name: string): string => `unclassified:${name}`

/** A pipeline that the policy does not know: nothing can be said of what is behind it. */
const nowhere = (world: World, inputs: Inputs, text: string): Receipt => {
  const { check } = finding({
    check: "resolve",
    outcome: "deny",
    code: "unresolved",
    reason: "the policy does not know this pipeline"
  })
  return {
    decision: "deny",
    code: "unresolved",
    operation: inputs.operation.kind,
    reads: [],
    writes: [],
    sinks: [],
    checks: [check],
    obligations: [],
    outcome: "deny",
    outcome_code: "unresolved",
    policy: world.hash,
    inputs: digestOf(text)
  }
}
