import type { Statement } from "../../core/family/sql/index.ts"
import { selectionsOf } from "./engine/touched.ts"
import type { WorldDataSet, WorldPipeline } from "./world.ts"

/**
 * Whether all that a statement shows of a data set are aggregates as the data set wants them: over enough rows, grouped
 * by nothing but what the file names, in a read that touches no other table of it.
 */
export const isAggregated = (pipeline: WorldPipeline, statement: Statement, dataSet: WorldDataSet): boolean => {
  const { aggregates } = dataSet
  const { kind, reads, resolved, results } = statement
  const aggregation = results.length === 1 ? results[0]?.aggregation : undefined
  if (aggregates === undefined || aggregation === undefined || !resolved || kind !== "read") return false
  const { groupedBy, rowsMin, table } = aggregation
  const isNamed = (column: string): boolean =>
    aggregates.groupBy.some((one) => one.column === column && (one.table === undefined || one.table === table))
  return rowsMin >= aggregates.rowsMin && groupedBy.every(isNamed)
    && reads.every((resource) =>
      resource.name === table || resource.within?.includes(table) === true
      || !selectionsOf(pipeline, resource).some((selection) => selection.dataSet === dataSet)
    )
}
