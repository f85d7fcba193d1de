import type pg from "pg"
import { type Cells, readTables, type Table, writeTable } from "./tables.ts"
import { Pools } from "./pools.ts"
import { type Hints, hintsOf } from "./hints.ts"
import { assigned, contextOf } from "./assignment.ts"

/** A statement of which an analysis says that its answer hangs on some columns. */
export interface Asked {
  readonly text: string
  readonly params?: ReadonlyArray<unknown> | undefined
}

/** What is said of one column: the outputs that its values flow into, and whether it also steers the rows. */
export interface Said {
  readonly table: string
  readonly column: string
  readonly outputs: ReadonlySet<number>
  readonly steers: boolean
}

type Answer = ReadonlyArray<Cells>

/** So few rows that a world is made in milliseconds, and enough that most conditions find some. */
const rowsLeast = 6
const rowsMost = 24

/**
 * Looks for worlds in which a column's values, and nothing else, change what an output shows: rows with values that
 * were chosen to make conditions true and false, and another assignment of the column in each. What is found proves
 * that there is influence; that none is found proves nothing.
 */
export class Influence {
  private readonly client: pg.Client
  private readonly tables: Map<string, Table>
  private readonly pools: Pools
  private readonly worlds: number

  private constructor(client: pg.Client, tables: Map<string, Table>, worlds: number) {
    this.client = client
    this.tables = tables
    this.pools = new Pools(client, tables)
    this.worlds = worlds
  }

  /** Of a database of which nobody needs the rows: they are made few, or some. `worlds`: how many are tried at most. */
  static async open(client: pg.Client, worlds: number): Promise<Influence> {
    // No triggers, and no foreign keys: rows may change one by one.
    await client.query("set session_replication_role = replica")
    await client.query("set statement_timeout = '1s'")
    const influence = new Influence(client, new Map(await readTables(client)), worlds)
    for (const table of influence.tables.values()) await influence.size(table)
    return influence
  }

  has({ column, table }: Said): boolean {
    return this.tables.get(table)?.columns.some(({ name }) => name === column) === true
  }

  /** The outputs that show something else when the same is asked again, or undefined where the statement fails. */
  async varying(asked: Asked): Promise<ReadonlySet<number> | undefined> {
    return this.undone(async () => {
      const one = await this.answer(asked)
      const other = await this.answer(asked)
      if (one === undefined || other === undefined) return undefined
      return new Set(one.flatMap((row, i) => row.flatMap((cell, at) => (cell === other[i]?.[at] ? [] : [at]))))
    })
  }

  /** For each column the outputs that were seen to change with it; `reads` are the tables of the statement. */
  async of(
    asked: Asked,
    said: ReadonlyArray<Said>,
    reads: ReadonlyArray<string>
  ): Promise<ReadonlyMap<Said, ReadonlySet<number>>> {
    const found = new Map(said.map((one) => [one, new Set<number>()]))
    const hints = hintsOf(asked.text, asked.params)
    const names = new Set([...reads, ...said.map(({ table }) => table)])
    for (let world = 0; world < this.worlds; world++) {
      const open = said.filter((one) => found.get(one)!.size < one.outputs.size)
      if (open.length === 0) break
      await this.undone(() => this.world(asked, open, names, hints, world, found))
    }
    return found
  }

  private async world(
    asked: Asked,
    said: ReadonlyArray<Said>,
    names: ReadonlySet<string>,
    hints: Hints,
    world: number,
    found: ReadonlyMap<Said, Set<number>>
  ): Promise<void> {
    const context = new Map<string, Table>()
    for (const name of names) {
      const table = this.tables.get(name)
      if (table !== undefined) context.set(name, await this.contextOf(table, hints, world))
    }
    const before = await this.answer(asked)
    if (before === undefined) return
    for (const one of said) {
      const table = context.get(one.table)!
      const at = table.columns.findIndex(({ name }) => name === one.column)
      const pool = await this.pools.of(table, at, hints)
      const after = await this.undone(async () =>
        (await this.isWritten({ ...table, rows: assigned(table, at, pool, world) }))
          ? this.answer(asked)
          : undefined
      )
      if (after === undefined) continue
      for (const output of one.outputs) if (isOther(before, after, output)) found.get(one)!.add(output)
    }
  }

  /** The table with the rows of this world, written where they are not those that it has and the schema allows them. */
  private async contextOf(table: Table, hints: Hints, world: number): Promise<Table> {
    const other = await contextOf(table, (at) => this.pools.of(table, at, hints), hints, world)
    return other !== table && await this.isWritten(other) ? other : table
  }

  private async isWritten(table: Table): Promise<boolean> {
    await this.client.query("savepoint write")
    try {
      await writeTable(this.client, table)
      return true
    } catch {
      await this.client.query("rollback to write")
      return false
    }
  }

  /** Does something of which the database keeps nothing. */
  private async undone<A>(work: () => Promise<A>): Promise<A> {
    const [begin, end] = this.isOpen
      ? ["savepoint undone", "rollback to undone; release undone"]
      : ["begin", "rollback"]
    const was = this.isOpen
    this.isOpen = true
    await this.client.query(begin)
    try {
      return await work()
    } finally {
      await this.client.query(end)
      this.isOpen = was
    }
  }
  private isOpen = false

  private async answer({ params, text }: Asked): Promise<Answer | undefined> {
    await this.client.query("savepoint answer")
    try {
      const values = params === undefined ? {} : { values: [...params] }
      const types = { getTypeParser: () => (value: string) => value }
      const all: unknown = await this.client.query({ text, rowMode: "array", types, ...values })
      return ((Array.isArray(all) ? all.at(-1) : all) as pg.QueryArrayResult<Array<string | null>>).rows
    } catch {
      return undefined
    } finally {
      await this.client.query("rollback to answer")
    }
  }

  /** Leaves a table the first of its rows, or gives it some: of nothing, nothing can be seen. */
  private async size(table: Table): Promise<void> {
    let sized = { ...table, rows: table.rows.slice(0, rowsMost) }
    for (let i = 0; sized.rows.length < rowsLeast && i < 2 * rowsLeast; i++) {
      const row: Array<string | null> = []
      for (const at of table.columns.keys()) {
        const pool = await this.pools.of(table, at)
        row.push(pool.all[(i * (table.columns[at]!.isUnique ? 1 : at + 1)) % pool.all.length] ?? null)
      }
      const more = { ...sized, rows: [...sized.rows, row] }
      if (await this.undone(() => this.isWritten(more))) sized = more
    }
    await writeTable(this.client, sized)
    this.tables.set(table.name, sized)
  }
}

/** Whether an output shows other values, in whichever order. */
const isOther = (before: Answer, after: Answer, at: number): boolean => valuesOf(before, at) !== valuesOf(after, at)

const valuesOf = (rows: Answer, at: number): string => rows.map((row) => JSON.stringify(row[at])).toSorted().join()
