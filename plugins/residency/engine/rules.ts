import type { Decision, ReceiptCheck } from "../../../core/index.ts"
import type { WorldRule } from "../world.ts"
import type { Hop } from "./chain.ts"
import { type Finding, finding } from "./finding.ts"
import type { Flow } from "./flow.ts"
import { type Sink, upstreamSink } from "./sinks.ts"

/** Check 8. The operator's own rules: each can only add an answer, so none can make the whole one milder. */
export const rules = (flow: Flow): ReadonlyArray<Finding> => {
  if (flow.world.rules.length === 0 || !flow.touched.data) return []
  const facts = factsOf(flow)
  return flow.world.rules.flatMap((rule) => judge(flow, rule, rule.applies(facts)))
}

const judge = (flow: Flow, rule: WorldRule, applies: boolean | undefined): ReadonlyArray<Finding> => {
  const answer = (outcome: Decision, rest: Partial<ReceiptCheck>): ReceiptCheck => ({
    check: "rule",
    outcome,
    cites: rule.name,
    ...rest
  })
  if (applies === undefined)
    return [finding(answer("deny", { code: "rule", reason: "the rule could not be evaluated" }))]
  if (!applies) return []
  if (rule.then === "deny") return [finding(answer("deny", { code: "rule", reason: "the rule says deny" }))]
  const read = [
    ...flow.touched.reads.map(({ name }) => name),
    ...flow.touched.unclassified.reads.map((name) => `unclassified:${name}`)
  ]
  if (rule.then === "mask") {
    return read.map((name) =>
      finding(answer("mask", { data_set: name, reason: "the rule says mask" }), [
        { obligation: "mask", data_set: name, cites: rule.name }
      ])
    )
  }
  const touched = new Set([...read, ...flow.touched.writes.map(({ name }) => name)])
  return [finding(
    answer("approve", { reason: "the rule says approve" }),
    [...touched].map((name) => ({ obligation: "approve", data_set: name, cites: rule.name }))
  )]
}

/** What a rule may speak of. Plain values only; every key is always there. */
const factsOf = (flow: Flow): Readonly<Record<string, unknown>> => {
  const { inputs, touched, pipeline } = flow
  const [caller, ...actors] = flow.chain.map(personOf)
  const sets = new Map([...touched.reads, ...touched.writes].map((set) => [set.name, set]))
  return {
    operation: {
      kind: inputs.operation.kind,
      resolved: inputs.operation.resolved,
      reads: touched.reads.map(({ name }) => name),
      writes: touched.writes.map(({ name }) => name),
      unclassified: [...touched.unclassified.reads, ...touched.unclassified.writes]
    },
    caller,
    actors,
    data_sets: [...sets.values()].map((set) => ({
      name: set.name,
      home: set.home,
      classes: set.classes,
      read: touched.reads.includes(set),
      written: touched.writes.includes(set),
      seen: touched.reads.includes(set) ? inputs.seen[set.name] ?? "clear" : "none"
    })),
    sinks: [...flow.sinks, ...(touched.writes.length > 0 ? [upstreamSink(pipeline)] : []), ...flow.endpoints].map(
      sinkOf
    ),
    upstream: { pipeline: pipeline.name, at: pipeline.at.name, address: pipeline.address },
    now: new Date(inputs.now)
  }
}

const personOf = ({ identity, party, at, evidence, model }: Hop) => ({
  subject: identity.subject,
  issuer: identity.issuer,
  groups: identity.groups,
  claims: identity.claims,
  party: party?.name ?? "",
  agent: party?.agent ?? false,
  at: at.name,
  under: party?.under ?? "",
  evidence,
  model: { declared: model !== undefined, at: model?.at.name ?? "", under: model?.under ?? "" }
})

const sinkOf = ({ sink, at, under }: Sink) => ({ sink, at: at.name, under: under ?? "" })
