import type pg from "pg"
import type { Hints } from "./hints.ts"
import type { Table, TableColumn } from "./tables.ts"

/** Values that a column may take. */
export interface Pool {
  readonly all: ReadonlyArray<string>
  /** Of these, what the statement compares this column with, or else anything. */
  readonly wanted: ReadonlyArray<string>
}

const noHints: Hints = { all: [], byColumn: new Map(), joined: new Set() }

/**
 * A column's own values, those of its kind of other columns, what the statement compares with, and some that nobody
 * has. The server says which of them the column's type allows.
 */
export class Pools {
  private readonly client: pg.Client
  private readonly tables: ReadonlyMap<string, Table>
  private readonly known = new Map<string, Pool>()

  constructor(client: pg.Client, tables: ReadonlyMap<string, Table>) {
    this.client = client
    this.tables = tables
  }

  async of(table: Table, at: number, hints: Hints = noHints): Promise<Pool> {
    const column = table.columns[at]!
    const own = hints.byColumn.get(column.name) ?? []
    const key = JSON.stringify([table.name, at, hints.all, own])
    const known = this.known.get(key)
    if (known !== undefined) return known
    const alike = [...this.tables.values()].flatMap((other) =>
      other.columns.flatMap((one, i) =>
        one.category === column.category ? other.rows.slice(0, 4).map((row) => row[i]!) : []
      )
    )
    const given = [...new Set([...fresh(column), ...own, ...hints.all, ...alike].filter((value) => value !== null))]
    const { rows } = await this.client.query<{ readonly value: string }>(
      "select value from unnest($1::text[]) as value where pg_input_is_valid(value, $2)",
      [given, column.type]
    )
    const valid = new Set(rows.map(({ value }) => value))
    const pool = {
      all: [...valid],
      wanted: [own, hints.all].map((some) => some.filter((value) => valid.has(value))).find((some) => some.length > 0)
        ?? []
    }
    this.known.set(key, pool)
    return pool
  }
}

const strings = ["", "0", "7", "12", "2021-03-04", "Zoë", "zz top", "{\"a\": 1}", "a1b2", "%", "AB-9", "true"]
const numbers = ["0", "1", "2", "3", "-1", "5", "17", "250", "9999", "2.75"]
const dates = ["1999-12-31", "2024-01-15", "2024-01-02 03:04:05", "2031-07-08", "1970-01-01", "11:30"]
const others = ["{}", "{x,y}", "{1,2}", "{\"k\": 5, \"tier\": \"2\", \"ssn\": \"9\"}", "[3]", "\\x0102", "10.9.8.7"]
const wide = ["00000000-0000-0000-0000-0000000000aa", "(9,p)", "'fat' & 'rat'", "fat rat", "3 hours"]

/** Values by the category of the type: what is none of them, the server refuses. */
const fresh = ({ category, labels }: TableColumn): ReadonlyArray<string> => {
  if (category === "S") return strings
  if (category === "N") return numbers
  if (category === "D") return dates
  if (category === "B") return ["true", "false"]
  return category === "E" ? labels : [...others, ...wide]
}
