import * as fs from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Disk } from "../../../../plugins/services/ledger/disk.ts"
import { nodeDisk } from "../../../../plugins/services/ledger/disk.ts"
import { openLedger } from "../../../../plugins/services/ledger/index.ts"
import type { Json, RecordBody, SessionLog } from "../../../../core/index.ts"

/** A fresh place for a ledger's folder and what stands beside it. */
export const freshFolder = (): string => join(fs.mkdtempSync(join(tmpdir(), "sluice-ledger-")), "ledger")

export const discard = (folder: string): void => fs.rmSync(dirname(folder), { recursive: true, force: true })

/** A copy of a ledger and its keys, as a crash at this moment would leave them. */
export const crashCopy = (folder: string): string => {
  const copy = freshFolder()
  fs.cpSync(dirname(folder), dirname(copy), { recursive: true })
  fs.rmSync(`${copy}.lock`, { force: true })
  return copy
}

export interface BenchOptions {
  readonly sync?: "interval" | "before_forward"
  readonly segmentBytesMax?: number
  readonly checkpointMilliseconds?: number
  readonly waitingMax?: number
  readonly disk?: Disk
}

/** Opens a ledger that retries, syncs and signs as fast as tests want. */
export const openBench = (folder: string, options: BenchOptions = {}) =>
  openLedger(
    folder,
    {
      sync: options.sync ?? "interval",
      sync_milliseconds: 5,
      segment_bytes_max: options.segmentBytesMax ?? 1_000_000
    },
    options.disk ?? nodeDisk,
    {
      waitingMax: options.waitingMax ?? 1_000_000,
      retryMilliseconds: 5,
      checkpointMilliseconds: options.checkpointMilliseconds ?? 0
    }
  )

export const written = (log: SessionLog): Promise<void> => new Promise((resolve) => log.whenWritten(resolve))

export const pause = (milliseconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, milliseconds))

/** A ledger of several short segments, with sessions that cross them, checkpoints, and an orderly end. */
export const smallLedger = async (folder: string, rounds = 12): Promise<void> => {
  const ledger = openBench(folder, { segmentBytesMax: 2500 })
  const logs = ["one", "two", "three"].map((id) => ledger.writer.open(id))
  for (let round = 0; round < rounds; round++) {
    for (const [i, log] of logs.entries()) {
      log.append("operation", { exchange: round, text: `select ${i} -- \u00e4\u{1F512}`, kind: "read" })
    }
    await Promise.all(logs.map(written))
    await pause(8)
  }
  for (const log of logs) log.append("session.end", { reason: "finished" })
  await ledger.close()
}

/** The same body in each of the ways that a ledger takes it, by turns: an object, its JSON text, and that as bytes. */
export const spelt = (i: number, body: { readonly [key: string]: Json | undefined }): RecordBody => {
  if (i % 3 === 0) return body
  const text = JSON.stringify(body)
  return i % 3 === 1 ? text : Buffer.from(text)
}
