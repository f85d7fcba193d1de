import type { Resource } from "../../../core/index.ts"
import { fits } from "../compile/glob.ts"
import type { Selectable, World, WorldDataSet, WorldPipeline, WorldSelection } from "../world.ts"
import type { InputOperation } from "./inputs.ts"

/** What a resource turned out to be. */
export interface Touched {
  /** Data sets by name, sorted; each once. */
  readonly reads: ReadonlyArray<WorldDataSet>
  readonly writes: ReadonlyArray<WorldDataSet>
  /** Names of resources in no data set, sorted. */
  readonly unclassified: { readonly reads: ReadonlyArray<string>; readonly writes: ReadonlyArray<string> }
  /** Names of system relations that may not be touched in this way, sorted. */
  readonly internals: { readonly reads: ReadonlyArray<string>; readonly writes: ReadonlyArray<string> }
  readonly catalogue: boolean
  /** Addresses of other servers, sorted. `unknown` where a move names none. */
  readonly endpoints: ReadonlyArray<string>
  /** Whether clearance and the rest are asked at all: not for `select 1`, nor for reads of the catalogue alone. */
  readonly data: boolean
}

const selectable: ReadonlySet<string> = new Set<Selectable>(["table", "route", "object", "path", "topic"])

/** The data sets' selections that cover a resource: by its own name, or by one that covers it. */
export const selectionsOf = (pipeline: WorldPipeline, resource: Resource): ReadonlyArray<WorldSelection> => {
  if (!selectable.has(resource.kind)) return []
  const { exact, patterns } = pipeline.selectors[resource.kind as Selectable]
  const names = resource.within === undefined ? [resource.name] : [resource.name, ...resource.within]
  const found: Array<WorldSelection> = []
  for (const name of names) {
    found.push(...exact.get(name) ?? [])
    for (const selection of patterns) if (fits(selection.name, name)) found.push(selection)
  }
  return found
}

interface Sorting {
  readonly sets: Map<string, WorldDataSet>
  readonly unclassified: Set<string>
  readonly internals: Set<string>
}

const sorting = (): Sorting => ({ sets: new Map(), unclassified: new Set(), internals: new Set() })

/** Sorts an operation's resources into data sets, endpoints and the rest. */
export const touchedBy = (world: World, pipeline: WorldPipeline, operation: InputOperation): Touched => {
  const reads = sorting()
  const writes = sorting()
  const endpoints = new Set<string>()
  let catalogue = false
  const sort = (resource: Resource, into: Sorting): void => {
    if (resource.kind === "endpoint") endpoints.add(resource.name)
    else if (resource.kind === "internals" || (resource.kind === "catalogue" && into === writes)) {
      into.internals.add(resource.name)
    } else if (resource.kind === "catalogue") catalogue = true
    else {
      const selections = selectionsOf(pipeline, resource)
      for (const { dataSet } of selections) into.sets.set(dataSet.name, dataSet)
      if (selections.length === 0) into.unclassified.add(resource.name)
    }
  }
  for (const resource of operation.reads) sort(resource, reads)
  for (const resource of operation.writes) sort(resource, writes)
  if (operation.kind === "move" && endpoints.size === 0) endpoints.add("unknown")
  if (!operation.resolved && world.unresolved === "approve") everything(pipeline, reads, writes)
  else if (operation.kind === "move" && reads.sets.size + writes.sets.size === 0) everything(pipeline, reads)
  const named = [reads, writes].some((one) => one.sets.size + one.unclassified.size + one.internals.size > 0)
  const harmless = operation.resolved && (operation.kind === "session" || operation.kind === "read")
  return {
    reads: byName(reads.sets),
    writes: byName(writes.sets),
    unclassified: { reads: [...reads.unclassified].toSorted(), writes: [...writes.unclassified].toSorted() },
    internals: { reads: [...reads.internals].toSorted(), writes: [...writes.internals].toSorted() },
    catalogue,
    endpoints: [...endpoints].toSorted(),
    data: named || endpoints.size > 0 || !harmless
  }
}

/** What could touch anything is judged as if it touched every data set of this upstream. */
const everything = (pipeline: WorldPipeline, ...into: ReadonlyArray<Sorting>): void => {
  for (const dataSet of pipeline.dataSets) for (const { sets } of into) sets.set(dataSet.name, dataSet)
}

const byName = (sets: ReadonlyMap<string, WorldDataSet>): ReadonlyArray<WorldDataSet> =>
  [...sets.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
