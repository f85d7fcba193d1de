import { type Place, type PlaceSet, within } from "../compile/zones.ts"
import { type Finding, finding } from "./finding.ts"
import type { Flow } from "./flow.ts"

const nothing: PlaceSet = new Set()

/**
 * Check 3. The place of the data must be among the zones that the subject and every actor are cleared for: a chain can
 * only restrict. The data is where the upstream is; with `zone_by`, its rows may also call any of the homes theirs.
 */
export const clearance = ({ chain, pipeline, touched }: Flow): ReadonlyArray<Finding> => {
  if (!touched.data) return []
  const rows = new Map(
    [...touched.reads, ...touched.writes].flatMap((set) => set.rowPlaces ? [[set.name, set]] as const : [])
  )
  return chain.flatMap(({ label, party, at }) => {
    const cleared = party?.clearance ?? nothing
    const one = (data: Place, dataSet?: string): Finding => {
      const holds = within(data.places, cleared)
      return finding({
        check: "clearance",
        ...(dataSet === undefined ? {} : { data_set: dataSet }),
        sink: label,
        at: at.name,
        outcome: holds ? "allow" : "deny",
        ...(holds ? {} : { code: "clearance" }),
        reason: `${holds ? "cleared" : "not cleared"} for data at ${data.name}`
      })
    }
    return [
      one(pipeline.at),
      ...[...rows.values()].map((set) => one({ name: set.home.join(", "), places: set.rowPlaces }, set.name))
    ]
  })
}
