import { type Finding, finding } from "./finding.ts"
import type { Flow } from "./flow.ts"
import { judgePair } from "./pair.ts"
import { upstreamSink } from "./sinks.ts"

/**
 * Check 6. What is written comes to rest at the upstream. What a server ships to another endpoint comes to rest there;
 * an endpoint that is not declared is nowhere, whatever it is sent.
 */
export const landing = (flow: Flow): ReadonlyArray<Finding> => {
  const { reads, writes } = flow.touched
  const upstream = upstreamSink(flow.pipeline)
  const shipped = [...reads, ...writes.filter((dataSet) => !reads.includes(dataSet))]
  const findings = writes.map((dataSet) =>
    judgePair(flow, { check: "landing", dataSet, sink: upstream, access: "written" })
  )
  for (const sink of flow.endpoints) {
    if (sink.at.places === undefined) {
      findings.push(finding({
        check: "landing",
        sink: sink.sink,
        at: sink.at.name,
        outcome: "deny",
        code: "residency",
        reason: "shipped to an endpoint that no pipeline declares"
      }))
    }
    for (const dataSet of shipped)
      findings.push(judgePair(flow, { check: "landing", dataSet, sink, access: "shipped" }))
  }
  return findings
}
