import * as fs from "node:fs"
import { join } from "node:path"
import { declaredExtent } from "./declared-extent.ts"
import { layout } from "./layout.ts"
import { HEADERS, type LedgerRecord } from "./record.ts"
import { startOf } from "./recover.ts"
import { scanSegment } from "./scan.ts"

/**
 * Every record in a ledger's folder, in order, segment headers left out. Reads one segment at a time and only what is
 * sealed; a segment is read up to its first flaw. To know whether it is true, verify.
 */
export function* readRecords(folder: string): Generator<LedgerRecord> {
  const names = fs.readdirSync(folder).toSorted().filter((name) => layout.parse(name)?.kind === "log")
  let next = names.length > 0 ? fs.readFileSync(join(folder, names[0]!)) : undefined
  for (const [i, name] of names.entries()) {
    const bytes: Buffer = next!
    next = i + 1 < names.length ? fs.readFileSync(join(folder, names[i + 1]!)) : undefined
    const records: Array<LedgerRecord> = []
    const start = beginning(bytes, name)
    if (start === undefined) continue
    scanSegment(bytes.subarray(0, declaredExtent(next)?.bytes ?? bytes.length), start, {
      record: (record) => {
        if (record.session !== HEADERS) records.push(record)
        return undefined
      }
    })
    yield* records
  }
}

/** One session's records, in order: for showing and replaying. */
export function* readSession(folder: string, session: string): Generator<LedgerRecord> {
  for (const record of readRecords(folder)) if (record.session === session) yield record
}

/** Undefined where a crash left a segment without a whole header. */
const beginning = (bytes: Buffer, name: string) => {
  if (bytes.indexOf("{\"seal\":") < 0) return undefined
  return startOf(bytes, name).position
}
