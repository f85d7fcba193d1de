import pg from "pg"
import type { StateChange } from "../../../core/index.ts"
import { FORMATS } from "./formats.ts"

const NAME_LENGTH_MAX = 1024
const VALUE_LENGTH_MAX = 16_777_216
const LISTED_MAX = 100_000

/** Says which limit of the store a caller crossed, or that its change threw. */
export class StoreFault extends Error {}

/** How often a transaction that nothing came of is tried again: a lost connection before COMMIT, a deadlock. */
const TRIES = 3
const BEGIN = "begin isolation level read committed"
/** For how long: whoever asked does not wait for ever while nothing answers. */
const TRYING_MILLISECONDS = 3000

/**
 * The entries of one schema. Each update holds an advisory lock of its key from before the read until it is committed,
 * so that updates of one key happen one after the other, whichever gateway they come from, also while there is no row.
 */
export class Store {
  private readonly pool: pg.Pool
  private readonly schema: string
  private readonly formats: ReadonlyArray<string>

  constructor(pool: pg.Pool, schema: string, formats: ReadonlyArray<string> = FORMATS) {
    this.pool = pool
    // As long as there is the connection, also while it is being closed: an error that nobody hears ends the process.
    pool.on("connect", (client) => client.on("error", () => {}))
    this.schema = pg.escapeIdentifier(schema)
    this.formats = formats
  }

  /** Makes the schema, or brings it to the newest format, one gateway at a time. Throws `StoreFault` for newer ones. */
  migrate(): Promise<void> {
    return this.transaction(BEGIN, async (client) => {
      await client.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`sluice ${this.schema}`])
      await client.query(`create schema if not exists ${this.schema}`)
      await client.query(`create table if not exists ${this.schema}.format (version int not null)`)
      const { rows } = await client.query<{ version: number }>(`select version from ${this.schema}.format`)
      const from = rows[0]?.version ?? 0
      const to = this.formats.length
      if (from > to) {
        throw new StoreFault(
          `has format ${from}, and this version knows formats up to ${to}. Use the newer version.`
        )
      }
      for (const step of this.formats.slice(from)) await client.query(step.replaceAll("%s", () => this.schema))
      if (from === 0) await client.query(`insert into ${this.schema}.format values ($1)`, [to])
      else if (from < to) await client.query(`update ${this.schema}.format set version = $1`, [to])
    })
  }

  async read(space: string, key: string): Promise<string | undefined> {
    checkText(space, NAME_LENGTH_MAX)
    checkText(key, NAME_LENGTH_MAX)
    return this.repeating(() => this.value(this.pool, space, key))
  }

  async update<A>(
    space: string,
    key: string,
    change: (current: string | undefined) => StateChange<A>
  ): Promise<A> {
    checkText(space, NAME_LENGTH_MAX)
    checkText(key, NAME_LENGTH_MAX)
    const lock = pg.escapeLiteral(`${this.schema} ${space} ${key}`)
    const where = `space = ${pg.escapeLiteral(space)} and key = ${pg.escapeLiteral(key)}`
    // In one go: each statement sees what was committed before it began, so the read what the lock waited for.
    const begin = `${BEGIN}; select pg_advisory_xact_lock(hashtextextended(${lock}, 1));
      select value from ${this.schema}.entry where ${where}`
    return this.transaction(begin, async (client, begun) => {
      const current = begun.at(-1)?.rows[0]?.value
      const { next, result } = changed(change, current)
      if (next === current) return result
      if (next === undefined) {
        await client.query(`delete from ${this.schema}.entry where space = $1 and key = $2`, [space, key])
      } else {
        checkText(next, VALUE_LENGTH_MAX)
        await client.query(
          `insert into ${this.schema}.entry (space, key, value) values ($1, $2, $3)
           on conflict (space, key) do update set value = excluded.value`,
          [space, key, next]
        )
      }
      return result
    })
  }

  /** Entries whose key starts with `prefix`, by key. */
  async list(space: string, prefix: string): Promise<ReadonlyArray<readonly [key: string, value: string]>> {
    checkText(space, NAME_LENGTH_MAX)
    checkText(prefix, NAME_LENGTH_MAX)
    const { rows } = await this.repeating(() =>
      this.pool.query<{ key: string; value: string }>(
        `select key, value from ${this.schema}.entry
         where space = $1 and key >= $2 and starts_with(key, $2) order by key limit ${LISTED_MAX + 1}`,
        [space, prefix]
      )
    )
    if (rows.length > LISTED_MAX) throw new StoreFault(`does not keep more than ${LISTED_MAX} entries to list.`)
    return rows.map(({ key, value }) => [key, value])
  }

  private async value(asked: pg.Pool | pg.PoolClient, space: string, key: string): Promise<string | undefined> {
    const { rows } = await asked.query<{ value: string }>(
      `select value from ${this.schema}.entry where space = $1 and key = $2`,
      [space, key]
    )
    return rows[0]?.value
  }

  /** Reads, again where a connection broke. */
  private async repeating<A>(read: () => Promise<A>): Promise<A> {
    const until = performance.now() + TRYING_MILLISECONDS
    for (let left = TRIES;; left--) {
      try {
        return await read()
      } catch (cause) {
        if (left <= 1 || performance.now() > until || !mayRepeat(cause)) throw cause
      }
    }
  }

  /**
   * Runs `begin` and `work` as one transaction, again where it is certain that nothing came of it. Once COMMIT was sent
   * and not answered, nobody knows: then it fails, and whoever asked reads what became of it.
   */
  private async transaction<A>(
    begin: string,
    work: (client: pg.PoolClient, begun: ReadonlyArray<pg.QueryResult<{ value: string }>>) => Promise<A>
  ): Promise<A> {
    const until = performance.now() + TRYING_MILLISECONDS
    for (let left = TRIES;; left--) {
      const client = await this.pool.connect()
      let committing = false
      try {
        const result = await work(client, [await client.query<{ value: string }>(begin)].flat())
        committing = true
        await client.query("commit")
        client.release()
        return result
      } catch (cause) {
        // A server that says nothing would not say more to a rollback: closing the connection is one.
        const sound = answered(cause) && await client.query("rollback").then(() => true, () => false)
        client.release(!sound)
        if (committing || left <= 1 || performance.now() > until || !mayRepeat(cause)) throw cause
      }
    }
  }
}

const changed = <A>(change: (current: string | undefined) => StateChange<A>, current: string | undefined) => {
  try {
    return change(current)
  } catch {
    throw new StoreFault("was not changed: the change threw. Nothing was written.")
  }
}

/** Deadlocks, serialization failures, and connections that broke: what was under way is rolled back. */
const mayRepeat = (cause: unknown): boolean => {
  const code = (cause as { readonly code?: unknown }).code
  if (cause instanceof StoreFault) return false
  return code === "40001" || code === "40P01" || code === "57P01" || code === "ECONNRESET" || code === undefined
}

/** Whether it was the server, or this file, that ended it: then the connection can be used on. */
const answered = (cause: unknown): boolean =>
  cause instanceof StoreFault || typeof (cause as { readonly code?: unknown }).code === "string"

/** PostgreSQL keeps no NUL, and half a surrogate pair would come back as another. */
const checkText = (text: string, lengthMax: number): void => {
  if (text.length > lengthMax) throw new StoreFault(`does not keep a text longer than ${lengthMax} characters.`)
  if (text.includes("\0") || !text.isWellFormed()) {
    throw new StoreFault("does not keep a text with a NUL or a broken character.")
  }
}
