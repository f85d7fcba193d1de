import type { Evidence } from "../../../core/index.ts"
import { type Finding, finding } from "./finding.ts"
import type { Flow } from "./flow.ts"

const grades: Readonly<Record<Evidence, number>> = { unknown: 0, asserted: 1, network: 2, workload: 3, attested: 4 }

/** Check 4. Where a data set demands it, the places of caller, actors and models must be known well enough. */
export const evidence = ({ chain, touched }: Flow): ReadonlyArray<Finding> => {
  const sets = new Map([...touched.reads, ...touched.writes].map((set) => [set.name, set]))
  const findings: Array<Finding> = []
  for (const [name, { evidence: demanded }] of sets) {
    if (demanded === undefined) continue
    const one = (sink: string, at: string, grade: Evidence): void => {
      const reached = grades[grade] >= grades[demanded]
      findings.push(finding({
        check: "evidence",
        data_set: name,
        sink,
        at,
        outcome: reached ? "allow" : "deny",
        ...(reached ? {} : { code: "evidence" }),
        reason: `${name} demands ${demanded}; the place of ${sink} is ${grade}`
      }))
    }
    for (const { label, party, at, evidence: grade, model } of chain) {
      one(label, at.name, grade)
      if (model !== undefined && party !== undefined) one(`model:${party.name}`, model.at.name, model.evidence)
    }
  }
  return findings
}
