import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import { type PluginError, pluginError } from "../../../core/index.ts"
import { parseNoteKey } from "./note.ts"
import type { Progress, Report } from "./report.ts"
import { Verification } from "./verification.ts"

export interface VerifyOptions {
  /**
   * Checkpoints that the auditor kept, as their text: none of them may be newer than, or different from, the ledger.
   */
  readonly checkpoints?: ReadonlyArray<string>
  /** The ledger's public key, as `<folder>.pub` spells it. Left out, that file is read: it proves less. */
  readonly key?: string
  readonly progress?: (progress: Progress) => void
}

/**
 * Checks everything in a ledger's folder: structure, hashes, order, sequence per session, signatures, and that the
 * checkpoints given are of its past. Reads one segment at a time. Fails only when it cannot read.
 */
export const verifyLedger = (folder: string, options: VerifyOptions = {}): Effect.Effect<Report, PluginError> =>
  Effect.gen(function*() {
    const work = yield* attempt(() => begin(folder, options))
    while (yield* attempt(() => work.step(options.progress))) yield* Effect.yieldNow
    return work.report()
  })

/** The same, at once: for scripts and tests. Throws when it cannot read. */
export const verifyNow = (folder: string, options: VerifyOptions = {}): Report => {
  const work = begin(folder, options)
  while (work.step(options.progress)) continue
  return work.report()
}

const begin = (folder: string, options: VerifyOptions): Verification => {
  const text = options.key ?? fs.readFileSync(`${folder}.pub`, "utf8")
  const key = parseNoteKey(text)
  if (typeof key === "string") throw new Error(`The ledger's public key is ${key}`)
  return new Verification(folder, key, options.checkpoints ?? [])
}

const attempt = <A>(work: () => A): Effect.Effect<A, PluginError> =>
  Effect.try({
    try: work,
    catch: (error) => pluginError("files", `The ledger cannot be read: ${(error as Error).message}`, error)
  })
