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
  return chain.flatMap(({ label, party }) => {
    const cleared = party?.clearance ?? nothing
    const one = (at: Place, dataSet?: string): Finding => {
      const named = dataSet === undefined ? {} : { data_set: dataSet }
      return within(at.places, cleared)
        ? finding({ check: "clearance", ...named, sink: label, at: at.name, outcome: "allow" })
        : finding({
          check: "clearance",
          ...named,
          sink: label,
          at: at.name,
          outcome: "deny",
          code: "clearance",
          reason: `${label} is not cleared for data at ${at.name}`
        })
    }
    return [
      one(pipeline.at),
      ...[...rows.values()].map((set) => one({ name: set.home.join(","), places: set.rowPlaces }, set.name))
    ]
  })
}
