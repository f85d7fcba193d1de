import { type PlaceSet, within } from "../compile/zones.ts"
import type { WorldDataSet, WorldHome } from "../world.ts"
import type { Inputs } from "./inputs.ts"

/** The homes that the rows of a data set can have here: all of them, unless the statement is confined to some. */
export const homesOf = ({ homes }: Pick<Inputs, "homes">, { name, rows }: WorldDataSet): ReadonlyArray<WorldHome> => {
  if (rows === undefined) return []
  const confined = homes !== undefined && Object.hasOwn(homes, name) ? homes[name] : undefined
  return confined === undefined ? rows.homes : rows.homes.filter((home) => confined.includes(home.name))
}

/** Whether a sink is at home: with rows of several homes, at the home of each. */
export const isAtHome = (inputs: Pick<Inputs, "homes">, dataSet: WorldDataSet, places: PlaceSet): boolean => {
  if (dataSet.rows === undefined) return within(places, dataSet.homePlaces)
  const homes = homesOf(inputs, dataSet)
  return homes.length > 0 && homes.every((home) => within(places, home.places))
}
