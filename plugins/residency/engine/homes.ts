import { type PlaceSet, within } from "../compile/zones.ts"
import type { WorldDataSet, WorldHome } from "../world.ts"
import type { Inputs } from "./inputs.ts"

/** Which homes rows may have: of what is read, or of what is written. */
type Named = Inputs["homes"]

/** The homes that the rows of a data set can have here: all of them, unless the statement is confined to some. */
export const homesOf = (named: Named, { name, rows }: WorldDataSet): ReadonlyArray<WorldHome> => {
  if (rows === undefined) return []
  const confined = listed(named, name)
  return confined === undefined ? rows.homes : rows.homes.filter((home) => confined.includes(home.name))
}

/** Whether a sink is at home: with rows of several homes, at the home of each. Rows that have none are nowhere. */
export const isAtHome = (named: Named, dataSet: WorldDataSet, places: PlaceSet): boolean => {
  if (dataSet.rows === undefined) return within(places, dataSet.homePlaces)
  const homes = homesOf(named, dataSet)
  return homes.length > 0 && homes.every((home) => within(places, home.places))
}

/** Whether nothing of a data set is written yet: what is prepared comes to rest when it is run, and is judged then. */
export const isNothing = (written: Named, { name, rows }: WorldDataSet): boolean =>
  rows !== undefined && listed(written, name)?.length === 0

const listed = (named: Named, name: string): ReadonlyArray<string> | undefined =>
  named !== undefined && Object.hasOwn(named, name) ? named[name] : undefined
