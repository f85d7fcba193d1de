import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { resolve } from "node:path"
import { defineService, Ledger, pluginError } from "../../../core/index.ts"
import { FilesConfig } from "./config.ts"
import { type Disk, nodeDisk } from "./disk.ts"
import { loadKeys } from "./keys.ts"
import { takeLock } from "./lock.ts"
import { recover } from "./recover.ts"
import { Retention } from "./retention.ts"
import { Writer } from "./writer.ts"

export { lastCheckpoint } from "./last-checkpoint.ts"
export { readRecords, readSession } from "./read.ts"
export type { LedgerRecord } from "./record.ts"
export type { Found, Progress, Report } from "./report.ts"
export { listSessions, type SessionFilter, type SessionSummary } from "./sessions.ts"
export { verifyLedger, verifyNow, type VerifyOptions } from "./verify.ts"

/** What operators need not choose. */
const FIXED = {
  /** Characters of records that may wait for a disk. Past it a record is refused, and its session with it. */
  waitingMax: 67_108_864,
  retryMilliseconds: 250,
  checkpointMilliseconds: 900
}

/** A ledger open for writing. */
interface OpenLedger {
  readonly writer: Writer
  readonly retention: Retention
  readonly digest: (value: string | Uint8Array) => string
  readonly close: () => Promise<void>
}

/** Opens a folder for writing: takes its lock, loads its keys, finds its end. Throws what stands in the way. */
export const openLedger = (
  folder: string,
  config: Pick<FilesConfig, "sync" | "sync_milliseconds" | "segment_bytes_max">,
  disk: Disk = nodeDisk,
  fixed: typeof FIXED = FIXED
): OpenLedger => {
  disk.makeFolder(folder)
  const unlock = takeLock(folder)
  try {
    const keys = loadKeys(folder)
    const writer = new Writer(disk, folder, keys, recover(disk, folder, keys.noteKey), {
      sync: config.sync,
      syncMilliseconds: config.sync_milliseconds,
      segmentBytesMax: config.segment_bytes_max,
      ...fixed
    })
    const retention = new Retention(disk, folder, writer)
    return {
      writer,
      retention,
      digest: keys.digest,
      close: async () => {
        retention.stop()
        try {
          await writer.close()
        } finally {
          unlock()
        }
      }
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/** `use: files`: a ledger in files of one folder, written by this gateway alone. */
export const files = defineService({
  name: "files",
  config: FilesConfig,
  provides: Ledger,
  layer: (config, site) =>
    Layer.effect(
      Ledger,
      Effect.gen(function*() {
        const folder = resolve(site.directory, config.directory)
        const ledger = yield* Effect.acquireRelease(
          Effect.try({
            try: () => openLedger(folder, config),
            catch: (error) => pluginError("files", `The ledger cannot be opened: ${(error as Error).message}`, error)
          }),
          (open) => Effect.promise(open.close)
        )
        const { trouble } = ledger.writer
        if (trouble !== undefined) return yield* Effect.fail(pluginError("files", `${folder}: ${trouble}`))
        return {
          at: config.at,
          open: (session) => ledger.writer.open(session.id),
          segment: () => ledger.writer.segmentNumber,
          digest: ledger.digest,
          keep: (days) =>
            Effect.acquireRelease(
              Effect.sync(() => ledger.retention.wish(days)),
              (withdraw) => Effect.sync(withdraw)
            ).pipe(Effect.asVoid)
        }
      })
    )
})
export default files
