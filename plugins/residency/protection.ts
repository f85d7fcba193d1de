import type { Operation, ProtectedColumn, Protection, Receipt } from "../../core/index.ts"
import { leaves } from "./engine/pair.ts"
import { selectionsOf } from "./engine/touched.ts"
import type { World, WorldPipeline } from "./world.ts"

/**
 * Which columns of what an operation touches are protected. A data set under the obligation to mask, or one that is let
 * out because it is seen masked, is obliged: nobody is exempt, and all of its columns are protected.
 */
export const protectionOf = (
  world: World,
  pipeline: WorldPipeline,
  operation: Operation,
  receipt: Receipt,
  mode: "enforce" | "shadow"
): Protection => {
  const obliged = mode === "shadow" ? new Set<string>() : obligedBy(world, receipt)
  const columns = new Map<string, ProtectedColumn>()
  const add = (column: ProtectedColumn): void => {
    columns.set(`${column.data_set}\0${column.table}\0${column.column}`, column)
  }
  for (const resource of [...operation.reads, ...operation.writes]) {
    const selections = selectionsOf(pipeline, resource)
    for (const { dataSet, kinds } of selections) {
      for (const [column, kind] of kinds) add({ data_set: dataSet.name, table: resource.name, column, kind })
      if (obliged.has(dataSet.name) && !kinds.has("*")) {
        add({ data_set: dataSet.name, table: resource.name, column: "*", kind: "redact" })
      }
    }
    const none = `unclassified:${resource.name}`
    if (selections.length === 0 && obliged.has(none))
      add({ data_set: none, table: resource.name, column: "*", kind: "redact" })
  }
  return {
    columns: [...columns].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, column]) => column),
    obliged: [...obliged].toSorted(),
    guarded: isGuarded(pipeline)
  }
}

const guarded = new WeakMap<WorldPipeline, boolean>()

/** Whether a data set of the pipeline has columns with a kind, or may only be seen masked by somebody. */
const isGuarded = (pipeline: WorldPipeline): boolean => {
  const known = guarded.get(pipeline)
  if (known !== undefined) return known
  const { exact, patterns } = pipeline.selectors.table
  const selections = [...exact.values(), patterns].flat()
  const answer = selections.some(({ kinds }) => kinds.size > 0)
    || pipeline.dataSets.some(({ masked, transfers }) => masked === "leaves" || transfers.some(({ mask }) => mask))
  guarded.set(pipeline, answer)
  return answer
}

const obligedBy = (world: World, receipt: Receipt): Set<string> => {
  const shadow = (name: string | undefined, cites: string | undefined): boolean => {
    const dataSet = name === undefined ? undefined : world.dataSets.get(name)
    return dataSet?.mode === "shadow" && (cites === leaves || dataSet.transfers.some(({ id }) => id === cites))
  }
  const obliged = new Set<string>()
  for (const { obligation, data_set, cites } of receipt.obligations) {
    if (obligation === "mask" && !shadow(data_set, cites)) obliged.add(data_set)
  }
  for (const { data_set, cites, check } of receipt.checks) {
    if (check === "home" && cites === leaves && data_set !== undefined && !shadow(data_set, cites))
      obliged.add(data_set)
  }
  return obliged
}
