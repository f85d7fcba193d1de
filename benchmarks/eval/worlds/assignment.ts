import { Dice } from "../../../test/fixtures/twins/dice.ts"
import type { Hints } from "./hints.ts"
import type { Pool } from "./pools.ts"
import type { Cells, Table } from "./tables.ts"

/** The first worlds have the rows that there are. */
const plainWorlds = 5

/**
 * The rows with other values in one column: shifted, fresh, missing, all the same, and then drawn. Of a unique column
 * no value comes twice.
 */
export const assigned = (
  { columns, rows }: Table,
  at: number,
  { all, wanted }: Pool,
  world: number
): ReadonlyArray<Cells> => {
  const { category, isNullable, isUnique } = columns[at]!
  const dice = new Dice(world * 7919 + at)
  const old = rows.map((row) => row[at]!)
  const constant = dice.pick(wanted.length > 0 && dice.chance(0.5) ? wanted : all) ?? null
  const distinct = (row: number): string | null =>
    category === "N"
      ? String(100 + world + row * 3)
      : category === "S"
      ? `${world}u${row}`
      : old[(row + world) % old.length]!
  const chance = dice.pick([0.2, 0.6, 1])
  const valueOf = (own: string | null, row: number): string | null => {
    if (world === 0) return old[(row + 1) % old.length]!
    if (isUnique) return dice.chance(world === 1 ? 1 : chance) ? distinct(row) : own
    if (world === 1) return all[row % all.length] ?? own
    if (world === 2) return isNullable ? null : constant
    if (world % 3 === 0) return constant
    if (isNullable && dice.chance(0.1)) return null
    return dice.chance(chance) ? dice.pick(wanted.length > 0 && dice.chance(0.5) ? wanted : all) ?? own : own
  }
  return rows.map((row, i) => row.with(at, valueOf(row[at]!, i)))
}

/**
 * The table of a world: as it is, or with values that its statement wants. Columns that are compared with others come
 * from few values, so that they meet.
 */
export const contextOf = async (
  table: Table,
  poolOf: (at: number) => Promise<Pool>,
  hints: Hints,
  world: number
): Promise<Table> => {
  if (world < plainWorlds) return table
  const dice = new Dice(world)
  const rows = table.rows.map((row) => [...row])
  for (const [at, { category, isUnique, name }] of table.columns.entries()) {
    const { all, wanted } = await poolOf(at)
    const isWanted = hints.byColumn.has(name) && wanted.length > 0
    const isJoined = hints.joined.has(name) && category === "N"
    const share = dice.pick([0.3, 0.7, 1])
    for (const [i, row] of rows.entries()) {
      if (isUnique) {
        // The one row that is asked for, and all others as they were.
        if (isWanted && i === world % rows.length) row[at] = wanted[world % wanted.length]!
        else if (isJoined && !isWanted) row[at] = String(i + 1)
      } else if (isWanted && dice.chance(share)) row[at] = dice.pick(wanted)
      else if (isJoined) row[at] = String(1 + dice.below(3))
      else if (!isWanted && world % 3 === 0 && dice.chance(0.3)) row[at] = dice.pick(all) ?? row[at]!
    }
  }
  return { ...table, rows }
}
