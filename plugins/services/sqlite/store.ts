import type { DatabaseSync, StatementSync } from "node:sqlite"
import type { StateChange } from "../../../core/index.ts"

const NAME_LENGTH_MAX = 1024
const VALUE_LENGTH_MAX = 16_777_216
const LISTED_MAX = 100_000

/** Says which limit of the store a caller crossed. */
export class StoreLimit extends Error {}

/** The entries of an open file. Every call is synchronous, short, and throws what SQLite throws. */
export class Store {
  private readonly database: DatabaseSync
  private readonly one: StatementSync
  private readonly many: StatementSync
  private readonly put: StatementSync
  private readonly drop: StatementSync
  private readonly others: StatementSync

  constructor(database: DatabaseSync) {
    this.database = database
    this.one = database.prepare("select value from entry where space = ? and key = ?")
    this.many = database.prepare("select key, value from entry where space = ? and key >= ? order by key")
    this.put = database.prepare("insert or replace into entry (space, key, value) values (?, ?, ?)")
    this.drop = database.prepare("delete from entry where space = ? and key = ?")
    this.others = database.prepare("pragma data_version")
    this.others.setReturnArrays(true)
  }

  /** Differs as soon as another connection has committed anything (SQLite: `PRAGMA data_version`). */
  stamp(): number {
    const [version] = this.others.get() as unknown as readonly [number]
    return version
  }

  read(space: string, key: string): string | undefined {
    checkText(space, NAME_LENGTH_MAX)
    checkText(key, NAME_LENGTH_MAX)
    return (this.one.get(space, key) as { value: string } | undefined)?.value
  }

  /**
   * Reads and writes as one: the write lock is held from before the read, by `begin immediate`, so that no other
   * connection or process can come in between.
   */
  update<A>(space: string, key: string, change: (current: string | undefined) => StateChange<A>): A {
    this.database.exec("begin immediate")
    try {
      const current = this.read(space, key)
      const { next, result } = change(current)
      if (next !== current) this.write(space, key, next)
      this.database.exec("commit")
      return result
    } catch (cause) {
      if (this.database.isTransaction) this.database.exec("rollback")
      throw cause
    }
  }

  /** Entries whose key starts with `prefix`, by key. */
  list(space: string, prefix: string): ReadonlyArray<readonly [key: string, value: string]> {
    checkText(space, NAME_LENGTH_MAX)
    checkText(prefix, NAME_LENGTH_MAX)
    const found: Array<readonly [string, string]> = []
    for (const row of this.many.iterate(space, prefix)) {
      const { key, value } = row as { key: string; value: string }
      if (!key.startsWith(prefix)) break
      if (found.length === LISTED_MAX) throw new StoreLimit(`more than ${LISTED_MAX} entries to list`)
      found.push([key, value])
    }
    return found
  }

  private write(space: string, key: string, next: string | undefined): void {
    if (next === undefined) this.drop.run(space, key)
    else {
      checkText(next, VALUE_LENGTH_MAX)
      this.put.run(space, key, next)
    }
  }
}

/** SQLite keeps UTF-8 that ends at a NUL, so text with a NUL or half a surrogate pair would come back as another. */
const checkText = (text: string, lengthMax: number): void => {
  if (text.length > lengthMax) throw new StoreLimit(`a text longer than ${lengthMax} characters`)
  if (text.includes("\0") || !text.isWellFormed()) throw new StoreLimit("a text with a NUL or a broken character")
}
