import type { RecordBody, SessionLog } from "../../../core/index.ts"
import { SESSION_END } from "./record.ts"

/** What a spool needs of the writer. */
export interface Desk {
  readonly trouble: string | undefined
  /** Takes a record in; false when there is no room, and then it is lost. */
  take(spool: SessionSpool, n: number, type: string, body: RecordBody, later: boolean): boolean
}

/** One session's part of the ledger: counts what was appended and what is acknowledged. */
export class SessionSpool implements SessionLog {
  /** The session's id as JSON. */
  readonly id: string
  readonly session: string
  private readonly desk: Desk
  /** Records appended so far, and of these, acknowledged. */
  n: number
  private acknowledged: number
  /** Up to which record whoever appended waits for the writing. */
  private awaited: number
  ended = false
  private lost: string | undefined
  private waiting: Array<() => void> = []
  /** Already on the list of spools that the batch in the making acknowledges. */
  touched = false

  constructor(desk: Desk, session: string, n = 0) {
    this.desk = desk
    this.session = session
    this.id = JSON.stringify(session)
    this.n = n
    this.acknowledged = n
    this.awaited = n
  }

  get pending(): number {
    return Math.max(0, this.awaited - this.acknowledged) + (this.lost === undefined ? 0 : 1)
  }

  get trouble(): string | undefined {
    return this.lost ?? this.desk.trouble
  }

  append(type: string, body: RecordBody, options?: { readonly later?: boolean }): void {
    if (this.lost !== undefined) return
    const later = options?.later === true
    if (this.ended) this.lost = "A session went on after its end was recorded."
    else if (this.desk.take(this, this.n + 1, type, body, later)) {
      this.n++
      if (!later) this.awaited = this.n
    } else this.lost = "A record of this session could not be kept, so the session cannot go on."
    if (type === SESSION_END) this.ended = true
  }

  whenWritten(resume: () => void): void {
    if (this.pending === 0) setImmediate(resume)
    else this.waiting.push(resume)
  }

  /** Everything up to the session's record `n` is written. */
  acknowledge(n: number): void {
    if (n > this.acknowledged) this.acknowledged = n
    if (this.waiting.length === 0 || this.pending > 0) return
    const waiting = this.waiting
    this.waiting = []
    for (const resume of waiting) {
      try {
        resume()
      } catch (error) {
        // A session's own fault: it must neither stop the others nor go unseen.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
