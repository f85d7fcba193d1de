import type { Operation } from "../../core/index.ts"
import { selectionsOf, touchedBy } from "./engine/touched.ts"
import { isOf } from "./rows.ts"
import { isStatement } from "./seen.ts"
import type { World, WorldDataSet, WorldPipeline } from "./world.ts"

type Homes = Readonly<Record<string, ReadonlyArray<string>>>

const none: Homes = {}

/**
 * The homes of the rows that a statement writes, by data set, for data sets of which each row has a home that its own
 * value says. What is not all known is left out: then a row of any home may be written.
 */
export const writtenHomes = (world: World, pipeline: WorldPipeline, operation: Operation): Homes => {
  if (!isStatement(operation) || operation.writes.length === 0 || !pipeline.dataSets.some(({ rows }) => rows))
    return none
  const { inserted } = operation
  if (inserted === undefined || !operation.resolved) return none
  const found: Record<string, ReadonlyArray<string>> = {}
  for (const dataSet of touchedBy(world, pipeline, operation).writes) {
    const homes = homesIn(pipeline, operation, dataSet, inserted)
    if (homes !== undefined) found[dataSet.name] = homes
  }
  return found
}

const homesIn = (
  pipeline: WorldPipeline,
  { writes }: Pick<Operation, "writes">,
  dataSet: WorldDataSet,
  { table, values }: { readonly table: string; readonly values: (column: string) => ReadonlyArray<string | undefined> }
): ReadonlyArray<string> | undefined => {
  const { rows } = dataSet
  if (rows === undefined) return undefined
  for (const resource of writes) {
    if (!selectionsOf(pipeline, resource).some((selection) => selection.dataSet === dataSet)) continue
    // Rows that are put into a partitioned table come to rest in a partition of it.
    if (resource.kind !== "table" || (resource.name !== table && resource.within?.includes(table) !== true)) {
      return undefined
    }
    const ref = { table: resource.name, ...(resource.within === undefined ? {} : { within: resource.within }) }
    if (!isOf(rows, ref)) return undefined
  }
  const names = new Set<string>()
  for (const value of values(rows.column)) {
    const home = value === undefined ? undefined : rows.homes.find((one) => one.values.includes(value))
    if (home === undefined) return undefined
    names.add(home.name)
  }
  return [...names].toSorted()
}
