import { chmodSync, closeSync, openSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { type PluginError, pluginError } from "../../../core/index.ts"
import { APPLICATION_ID, FORMATS } from "./formats.ts"

/** Waiting inside SQLite stops the whole process, so it waits for a moment only; the caller waits for longer. */
const BUSY_MILLISECONDS = 20

/**
 * Opens the file at `path`, makes it if there is none, checks that it is whole and ours, and brings it to the newest
 * format. Readable by its owner alone. Throws what SQLite and the file system throw, and `PluginError` for a file that
 * is someone else's, newer, or damaged.
 */
export const openDatabase = (path: string, formats: ReadonlyArray<string> = FORMATS): DatabaseSync => {
  closeSync(openSync(path, "a", 0o600))
  chmodSync(path, 0o600)
  const database = new DatabaseSync(path, { timeout: BUSY_MILLISECONDS, enableForeignKeyConstraints: false })
  try {
    database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma trusted_schema = off")
    const damage = numberOrText(database, "quick_check(1)")
    if (damage !== "ok") throw damaged(path)
    migrate(database, path, formats)
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

const migrate = (database: DatabaseSync, path: string, formats: ReadonlyArray<string>): void => {
  if (isNewest(database, path, formats)) return
  database.exec("begin immediate")
  try {
    // Another process may have done it while we waited for the lock.
    if (!isNewest(database, path, formats)) {
      const from = numberOrText(database, "user_version") as number
      for (const step of formats.slice(from)) database.exec(step)
      database.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${formats.length}`)
    }
    database.exec("commit")
  } catch (cause) {
    database.exec("rollback")
    throw cause
  }
}

/** Whether there is nothing to migrate. Throws for a file that must not be touched. */
const isNewest = (database: DatabaseSync, path: string, formats: ReadonlyArray<string>): boolean => {
  const format = numberOrText(database, "user_version") as number
  const owner = numberOrText(database, "application_id")
  const empty = database.prepare("select 1 from sqlite_schema limit 1").get() === undefined
  if (owner !== APPLICATION_ID && !(empty && format === 0 && owner === 0)) {
    throw pluginError("sqlite", `${path} is another program's database. Give another path.`)
  }
  if (format > formats.length) {
    throw pluginError(
      "sqlite",
      `${path} has format ${format}, and this version knows formats up to ${formats.length}. Use the newer version.`
    )
  }
  return format === formats.length
}

const damaged = (path: string): PluginError =>
  pluginError("sqlite", `${path} is damaged. Put a backup in its place, or move it away to start with an empty state.`)

const numberOrText = (database: DatabaseSync, pragma: string): unknown =>
  Object.values(database.prepare(`pragma ${pragma}`).get() ?? {})[0]
