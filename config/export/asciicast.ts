import type { LedgerRecord } from "../../plugins/services/ledger/index.ts"
import { transcript } from "../transcript.ts"

/**
 * A session as asciicast v3 (docs.asciinema.org/manual/asciicast/v3): a header, then `[seconds since the last, "o",
 * text]`. Control sequences that were recorded are shown, not obeyed: see `transcript`.
 */
export function* asciicast(session: string, records: Iterable<LedgerRecord>): Generator<string> {
  let before: number | undefined
  for (const record of records) {
    if (before === undefined) {
      yield JSON.stringify({
        version: 3,
        term: { cols: 120, rows: 40 },
        timestamp: Math.floor(Date.parse(record.at) / 1000),
        title: `session ${session}`
      })
    }
    const seconds = before === undefined ? 0 : Math.max(0, (record.us - before) / 1e6)
    before = record.us
    yield JSON.stringify([seconds, "o", `${transcript(record).replaceAll("\n", "\r\n")}\r\n`])
  }
}
