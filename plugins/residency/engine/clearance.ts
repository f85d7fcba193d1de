import { type PlaceSet, within } from "../compile/zones.ts"
import type { WorldDataSet } from "../world.ts"
import { type Finding, finding } from "./finding.ts"
import type { Flow } from "./flow.ts"
import { homesOf, isNothing } from "./homes.ts"

const nothing: PlaceSet = new Set()

/** Somewhere that data is, and whose data. */
interface Somewhere {
  readonly name: string
  readonly places: PlaceSet | undefined
  readonly dataSet?: string
}

/**
 * Check 3. The place of the data must be among the zones that the subject and every actor are cleared for: a chain can
 * only restrict. The data is where the upstream is; rows that have homes of their own are there.
 */
export const clearance = (flow: Flow): ReadonlyArray<Finding> => {
  const { chain, touched } = flow
  if (!touched.data) return []
  const where = whereabouts(flow)
  return chain.flatMap(({ label, party, at }) => {
    const cleared = party?.clearance ?? nothing
    return where.map(({ dataSet, name, places }) => {
      const holds = within(places, cleared)
      return finding({
        check: "clearance",
        ...(dataSet === undefined ? {} : { data_set: dataSet }),
        sink: label,
        at: at.name,
        outcome: holds ? "allow" : "deny",
        ...(holds ? {} : { code: "clearance" }),
        reason: `${holds ? "cleared" : "not cleared"} for data at ${name}`
      })
    })
  })
}

const placesOf = (homes: ReadonlyArray<{ readonly places: PlaceSet }>): PlaceSet =>
  new Set(homes.flatMap((home) => [...home.places]))

/** The upstream, unless all that is touched are rows with homes of their own; and these homes. */
const whereabouts = ({ inputs, pipeline, touched }: Flow): ReadonlyArray<Somewhere> => {
  const sets = new Map<string, WorldDataSet>([...touched.reads, ...touched.writes].map((set) => [set.name, set]))
  const apart = [...sets.values()].filter(({ rows }) => rows !== undefined)
  const loose = [touched.unclassified, touched.internals].some(({ reads, writes }) => reads.length + writes.length > 0)
  const upstream = apart.length === 0 || apart.length < sets.size || loose || touched.endpoints.length > 0
  const homes = apart.flatMap((dataSet) => {
    const reads = touched.reads.includes(dataSet)
    const writes = touched.writes.includes(dataSet) && !(isNothing(inputs.written, dataSet) && !reads)
    if (!reads && !writes) return []
    const own = [
      ...(reads ? homesOf(inputs.homes, dataSet) : []),
      ...(writes ? homesOf(inputs.written, dataSet) : [])
    ]
    const names = [...new Set(own.map(({ name }) => name))].toSorted()
    return { name: names.join(", "), places: placesOf(own), dataSet: dataSet.name }
  })
  return [...(upstream ? [pipeline.at] : []), ...homes]
}
