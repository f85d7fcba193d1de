import { type Finding, finding } from "./finding.ts"
import type { Flow } from "./flow.ts"

/** Check 1. A caller or an actor that matches no party is denied, whatever it asks. */
export const identity = ({ chain }: Flow): ReadonlyArray<Finding> =>
  chain.map(({ label, party, at }) =>
    finding(
      party === undefined
        ? {
          check: "identity",
          sink: label,
          at: "unknown",
          outcome: "deny",
          code: "identity",
          reason: "matches no party"
        }
        : {
          check: "identity",
          sink: label,
          at: at.name,
          outcome: "allow",
          cites: party.name,
          reason: `party ${party.name}`
        }
    )
  )
