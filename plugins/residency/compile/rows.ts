import type { Problems } from "../problem.ts"
import type { DataSet } from "../schema/data-set.ts"
import type { WorldHome, WorldRows } from "../world.ts"
import { columnOf } from "./column.ts"
import { fits } from "./glob.ts"
import { checkKnown } from "./names.ts"
import { type PlaceSet, within } from "./zones.ts"

/** Compiles `zone_by`: which value of which column means which home. */
export const compileRows = (
  name: string,
  dataSet: DataSet,
  homePlaces: PlaceSet,
  zones: ReadonlyMap<string, PlaceSet>,
  problems: Problems
): WorldRows | undefined => {
  const { zone_by: written } = dataSet
  if (written === undefined) return undefined
  const { column: text, other_rows: other, zones: mapped } = typeof written === "string"
    ? { column: written, other_rows: "deny" as const, zones: undefined }
    : written
  const path = ["residency", "data_sets", name, "zone_by"]
  const { column, table } = columnOf(text)
  checkTable(name, dataSet, table, path, problems)
  const values = Object.entries(mapped ?? Object.fromEntries(dataSet.home.map((zone) => [zone, zone])))
  const homes = new Map<string, WorldHome & { readonly values: Array<string> }>()
  for (const [value, zone] of values.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const places = zones.get(zone) ?? new Set()
    const at = [...path, "zones", value]
    if (mapped !== undefined && checkKnown(at, zone, "zone", zones, problems) && !within(places, homePlaces)) {
      problems.error(at, `rows of ${zone} would be outside the home of ${name}`, `Add ${zone} to its home.`)
    }
    const home = homes.get(zone)
    if (home === undefined) homes.set(zone, { name: zone, places, values: [value] })
    else home.values.push(value)
  }
  if (homes.size === 0)
    problems.error(path, `no row of ${name} has a home`, "Say under `zones` which value means which.")
  return { table, column, homes: [...homes.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)), other }
}

const checkTable = (
  name: string,
  dataSet: DataSet,
  table: string | undefined,
  path: ReadonlyArray<string>,
  problems: Problems
): void => {
  if (table === undefined) return
  const named = Object.values(dataSet.on).flatMap(({ tables }) => Object.keys(tables))
  if (!named.some((selector) => fits(selector, table))) {
    problems.error(path, `${table} is no table of ${name}`, "Name a table that stands under `on`.")
  }
  const others = [...new Set(named.filter((selector) => selector !== table))]
  if (others.length === 0) return
  problems.warn(
    path,
    `rows of ${others.join(", ")} have no column that says their home: each is judged as if it had any`,
    "Give those tables a data set of their own, or name a column that all of them have."
  )
}
