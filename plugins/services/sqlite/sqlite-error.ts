import { type PluginError, pluginError } from "../../../core/index.ts"

/** SQLite's primary result codes (sqlite.org/rescode.html) that mean something to the operator. */
const BUSY = 5
const LOCKED = 6

const REASONS: ReadonlyMap<number, string> = new Map([
  [BUSY, "is locked by another process for too long. Find who holds it open."],
  [LOCKED, "is locked by another process for too long. Find who holds it open."],
  [8, "cannot be written to. Let the gateway's user write the file and its folder."],
  [10, "cannot be read or written: the disk reports an error."],
  [11, "is damaged. Put a backup in its place, or move it away to start with an empty state."],
  [13, "cannot grow: the disk is full."],
  [14, "cannot be opened. Make the folder, and let the gateway's user write to it."],
  [26, "is not an SQLite database. Give another path, or move it away."]
])

const codeOf = (cause: unknown): number | undefined => {
  const code = (cause as { errcode?: unknown } | undefined)?.errcode
  return typeof code === "number" ? code & 0xff : undefined
}

/** Whether waiting may help. */
export const isBusy = (cause: unknown): boolean => {
  const code = codeOf(cause)
  return code === BUSY || code === LOCKED
}

/** Whether neither SQLite nor the file system threw it. */
export const isForeign = (cause: unknown): boolean =>
  typeof (cause as { code?: unknown } | undefined)?.code !== "string"

/** What went wrong with the file at `path`, and the remedy. Quotes nothing that is in it. */
export const sqliteError = (path: string, cause: unknown): PluginError => {
  const code = codeOf(cause)
  if (code !== undefined) {
    return pluginError("sqlite", `${path} ${REASONS.get(code) ?? `cannot be used (SQLite result ${code}).`}`)
  }
  const system = (cause as { code?: unknown } | undefined)?.code
  const what = typeof system === "string" ? system : "error"
  return pluginError(
    "sqlite",
    `${path} cannot be used (${what}). Make its folder, and let the gateway's user write to it.`
  )
}
