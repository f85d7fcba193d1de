import type { Problems } from "../problem.ts"
import type { DataSet } from "../schema/data-set.ts"
import type { WorldAggregates } from "../world.ts"
import { columnOf } from "./column.ts"
import { fits } from "./glob.ts"

const isIn = (kinds: object, column: string): boolean => Object.hasOwn(kinds, column) || Object.hasOwn(kinds, "*")

/** Compiles `aggregates`. What identifies a person, or a kind of value that is masked, groups nothing. */
export const compileAggregates = (
  name: string,
  { aggregates, on, subject }: DataSet,
  problems: Problems
): WorldAggregates | undefined => {
  if (aggregates === undefined) return undefined
  const path = ["residency", "data_sets", name, "aggregates", "group_by"]
  const tables = Object.values(on).flatMap((selectors) => Object.entries(selectors.tables))
  const person = columnOf(subject ?? "")
  for (const [index, text] of aggregates.group_by.entries()) {
    const { column, table } = columnOf(text)
    const here = tables.filter(([selector]) => table === undefined || fits(selector, table))
    if (table !== undefined && here.length === 0) {
      problems.error([...path, index], `${table} is no table of ${name}`, "Name a table that stands under `on`.")
    }
    const isPerson = person.column === column && (table === undefined || person.table === table)
    if (isPerson || here.some(([, kinds]) => isIn(kinds, column))) {
      problems.error(
        [...path, index],
        `${text} is protected: its values would be shown beside the aggregates`,
        "Group by columns that have no kind and identify nobody."
      )
    }
  }
  return {
    rowsMin: aggregates.rows_min,
    leaves: aggregates.leaves,
    groupBy: aggregates.group_by.map(columnOf)
  }
}
