import type { Outcome } from "../../exchange/index.ts"
import type { Operation } from "../../family/index.ts"

/** A session as its span will say it. Times are milliseconds since the epoch. */
export interface SessionRecord {
  readonly id: string
  readonly pipeline: string
  readonly protocol: string
  readonly client: string
  readonly upstream: { readonly host: string; readonly port: number }
  readonly startedAt: number
  endedAt: number | undefined
  database: string | undefined
  login: string | undefined
  reason: string | undefined
  /** Kept by the exporter between the session's operations. */
  span?: unknown
}

/** An operation as its span will say it. No text of a query is here: only what the family's summary says on demand. */
export interface OperationRecord {
  readonly session: SessionRecord
  readonly operation: Operation
  readonly startedAt: number
  readonly endedAt: number
  /** Of the file that was in force. */
  readonly hash: string
  /** `allow`, or the code of the refusal. */
  readonly verdict: string
  readonly outcome: Outcome | undefined
}

/** Records that wait for the exporter. Bounded: what does not fit is dropped and counted, never waited for. */
export class TraceQueue {
  dropped = 0
  private operations: Array<OperationRecord> = []
  private ended: Array<SessionRecord> = []
  private readonly max: number

  constructor(max = 4096) {
    this.max = max
  }

  add(record: OperationRecord): void {
    if (this.operations.length >= this.max) this.dropped++
    else this.operations.push(record)
  }

  end(record: SessionRecord): void {
    if (this.ended.length >= this.max) this.dropped++
    else this.ended.push(record)
  }

  /** Everything that waits, and an empty queue. */
  take(): { readonly operations: ReadonlyArray<OperationRecord>; readonly ended: ReadonlyArray<SessionRecord> } {
    const { ended, operations } = this
    this.operations = []
    this.ended = []
    return { operations, ended }
  }
}
