import type { SessionFilter } from "../plugins/services/ledger/index.ts"
import type { Arguments, Option } from "./command.ts"

/** The options by which commands choose among recorded sessions. */
export const filterOptions: Readonly<Record<string, Option>> = {
  identity: { type: "string", value: "SUBJECT", about: "of this subject, or through it" },
  "data-set": { type: "string", value: "NAME", about: "that touched this data set or resource" },
  zone: { type: "string", value: "PLACE", about: "that someone at this place saw" },
  decision: {
    type: "string",
    value: "OUTCOME",
    about: "with an operation that ended in allow, mask, approve or deny"
  },
  from: { type: "string", value: "TIME", about: "active at or after this time (ISO 8601)" },
  to: { type: "string", value: "TIME", about: "active at or before this time" }
}

/** The filter, or what is wrong with it. */
export const filterOf = (args: Arguments): SessionFilter | string => {
  const decision = args.text("decision")
  if (decision !== undefined && !["allow", "mask", "approve", "deny"].includes(decision)) {
    return `\`${decision}\` is no outcome. There are: allow, mask, approve, deny.`
  }
  const times: { from?: string; to?: string } = {}
  for (const name of ["from", "to"] as const) {
    const text = args.text(name)
    if (text === undefined) continue
    if (Number.isNaN(Date.parse(text))) return `\`${text}\` is no time. Write it as 2027-06-30 or 2027-06-30T12:00:00Z.`
    times[name] = new Date(text).toISOString()
  }
  const identity = args.text("identity")
  const dataSet = args.text("data-set")
  const zone = args.text("zone")
  return {
    ...times,
    ...(identity === undefined ? {} : { identity }),
    ...(dataSet === undefined ? {} : { dataSet }),
    ...(zone === undefined ? {} : { zone }),
    ...(decision === undefined ? {} : { decision })
  }
}
