import type { Selection } from "../residency.ts"
import type { Sensitive } from "./survey.ts"

/** A sensitive column to which the file gives no kind, and where in the file its entry should stand. */
export interface Gap extends Sensitive {
  /** A data set that has the table already; undefined where none has. */
  readonly dataSet: string | undefined
}

/** What of a survey the file does not cover. `selections` are those of one pipeline, by table. */
export const gapsIn = (
  found: ReadonlyArray<Sensitive>,
  selections: (table: string) => ReadonlyArray<Selection>
): ReadonlyArray<Gap> =>
  found.flatMap((one) => {
    const entries = selections(one.table)
    if (entries.some(({ kinds }) => kinds.has(one.column) || kinds.has("*"))) return []
    // An entry of the table's own says more than one of many tables.
    const own = entries.find(({ selector }) => selector === one.table) ?? entries[0]
    return [{ ...one, dataSet: own?.dataSet }]
  })
