import * as Effect from "effect/Effect"
import { type FSWatcher, readFileSync, watch } from "node:fs"
import { basename, dirname, relative } from "node:path"
import type { Gateway, Log } from "../core/gateway/index.ts"
import { builtins } from "./builtins.ts"
import { diagnoseJson } from "./diagnose.ts"
import type { Document } from "./document.ts"
import { discover, type Found } from "./discover.ts"
import { effectLog } from "./effect-log.ts"
import { planFile } from "./plan.ts"
import type { Problem } from "./problem.ts"

/** Editors write a file in several steps: the last of them counts. */
const settleMilliseconds = 200

/**
 * Puts the file in force anew on SIGHUP and whenever it changes, until what is returned is called. A file that is bad,
 * or whose plan cannot be opened, changes nothing, and the log says why. One reload at a time.
 */
export const keepReloading = (gateway: Gateway, found: Found, log: Log): () => void => {
  let text = textOf(found.path)
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const reload = (): void => {
    running = running.then(() => reloadOnce(gateway, found, log)).catch((error: unknown) => {
      log.error("the file was not taken", { why: error instanceof Error ? error.message : String(error) })
    })
  }
  const changed = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      const now = textOf(found.path)
      if (now === undefined || now === text) return
      text = now
      reload()
    }, settleMilliseconds)
  }
  const hangup = (): void => {
    text = textOf(found.path)
    reload()
  }
  const watcher = watchFolder(found.path, changed, log)
  process.on("SIGHUP", hangup)
  return () => {
    clearTimeout(timer)
    watcher?.close()
    process.off("SIGHUP", hangup)
  }
}

/** The folder is watched, not the file: editors and config maps replace files. */
const watchFolder = (path: string, changed: () => void, log: Log): FSWatcher | undefined => {
  const lost = (error: unknown): void => {
    const why = error instanceof Error ? error.message : String(error)
    log.warn("the file is not watched; send SIGHUP when it has changed", { why })
  }
  try {
    const watcher = watch(dirname(path), (_event, name) => {
      if (name === null || name === basename(path) || name.startsWith("..")) changed()
    })
    return watcher.on("error", lost)
  } catch (error) {
    lost(error)
    return undefined
  }
}

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}

const reloadOnce = async (gateway: Gateway, before: Found, log: Log): Promise<void> => {
  const found = await discover(before.directory, relative(before.directory, before.path))
  if ("_tag" in found) return log.error("the file was not taken; the one before stays in force", { why: found.message })
  const { plan, problems } = await planFile(found, builtins)
  logProblems(log, found.document, problems)
  if (plan === undefined) return log.error("the file was not taken; the one before stays in force")
  if (plan.hash === gateway.plan().hash) log.info("the file was read again; nothing in it has changed")
  const result = await Effect.runPromise(gateway.reload(plan).pipe(Effect.provide(effectLog(log)), Effect.result))
  if (result._tag === "Failure") {
    log.error("the file was not taken; the one before stays in force", { why: result.failure.message })
  }
}

/** What is wrong or doubtful with a file, a line of the log each. */
export const logProblems = (log: Log, document: Document, problems: ReadonlyArray<Problem>): void => {
  for (const { column, file, fix, line, severity, what, why } of diagnoseJson(document, problems)) {
    const at = line === undefined ? file : `${file}:${line}:${column}`
    log[severity === "error" ? "error" : "warn"](what, { at, why, fix })
  }
}
