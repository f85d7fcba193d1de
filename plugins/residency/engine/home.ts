import type { Finding } from "./finding.ts"
import type { Flow } from "./flow.ts"
import { judgePair } from "./pair.ts"

/** Check 5. Everyone who sees what is read or written must be at home, or be covered. */
export const home = (flow: Flow): ReadonlyArray<Finding> => [
  ...flow.touched.reads.flatMap((dataSet) =>
    flow.sinks.map((sink) => judgePair(flow, { check: "home", dataSet, sink, access: "read" }))
  ),
  ...flow.touched.writes.flatMap((dataSet) =>
    flow.sinks.map((sink) => judgePair(flow, { check: "home", dataSet, sink, access: "written" }))
  )
]
