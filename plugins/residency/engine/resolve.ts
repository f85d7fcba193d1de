import { type Finding, finding } from "./finding.ts"
import type { Flow } from "./flow.ts"

/** Check 2. What an operation touches must be known, and be in a data set. */
export const resolve = ({ world, inputs: { operation }, touched }: Flow): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  if (!operation.resolved) {
    const reason = operation.unresolved ?? "what it touches is not known"
    findings.push(
      world.unresolved === "approve"
        ? finding({ check: "resolve", outcome: "approve", cites: "unresolved: approve", reason })
        : finding({ check: "resolve", outcome: "deny", code: "unresolved", reason })
    )
  }
  for (const name of new Set([...touched.internals.reads, ...touched.internals.writes])) {
    findings.push(finding({
      check: "resolve",
      data_set: `unclassified:${name}`,
      outcome: "deny",
      code: "unclassified",
      reason: "a system relation that carries data, or one that may only be read"
    }))
  }
  for (const name of new Set([...touched.unclassified.reads, ...touched.unclassified.writes])) {
    findings.push(finding({
      check: "resolve",
      data_set: `unclassified:${name}`,
      outcome: world.otherwise,
      ...(world.otherwise === "deny" ? { code: "unclassified" } : { cites: "otherwise: allow" }),
      reason: "in no data set"
    }))
  }
  return findings
}
