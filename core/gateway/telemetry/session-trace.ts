import type { Exchange, Login, Outcome, Verdict } from "../../exchange/index.ts"
import type { Operation } from "../../family/index.ts"
import type { CloseReason } from "../../plugin/index.ts"
import type { Analyser } from "../../protocol/index.ts"
import type { SessionRecord, TraceQueue } from "./trace-queue.ts"

interface Running {
  readonly operation: Operation
  readonly startedAt: number
}

/** Writes down the spans of one session as plain records. Made only where traces are exported. */
export class SessionTrace {
  private readonly queue: TraceQueue
  private readonly record: SessionRecord
  private readonly now: () => number
  private readonly hash: () => string
  private running: Array<Running> = []

  /** `hash` is that of the file in force, which a reload changes. */
  constructor(queue: TraceQueue, record: SessionRecord, now: () => number, hash: () => string) {
    this.queue = queue
    this.record = record
    this.now = now
    this.hash = hash
  }

  loggedIn(login: Login, code: string): void {
    if (login.database !== undefined) this.record.database = login.database
    this.record.login = code
  }

  judged(operation: Operation, verdict: Verdict, microseconds: number): void {
    const startedAt = this.now() - microseconds / 1000
    if (verdict._tag === "Allow") this.running.push({ operation, startedAt })
    else this.span(operation, startedAt, verdict.code, undefined)
  }

  /** The same analyser, which also tells when an operation has ended. */
  watch(analyser: Analyser): Analyser {
    return {
      analyse: (asked) => analyser.analyse(asked),
      settle: (exchange, outcome) => {
        this.settled(exchange, outcome)
        analyser.settle(exchange, outcome)
      },
      ready: (transaction) => analyser.ready(transaction),
      settings: analyser.settings
    }
  }

  private settled(exchange: Exchange, outcome: Outcome): void {
    const at = this.running.findIndex(({ operation }) => operation === exchange.operation)
    if (at < 0) return
    const [ended] = this.running.splice(at, 1)
    this.span(ended!.operation, ended!.startedAt, "allow", outcome)
  }

  closed(reason: CloseReason): void {
    const outcome: Outcome = { result: "abandoned", rows: 0, bytes: 0 }
    for (const { operation, startedAt } of this.running) this.span(operation, startedAt, "allow", outcome)
    this.running = []
    this.record.endedAt = this.now()
    this.record.reason = reason
    this.queue.end(this.record)
  }

  private span(operation: Operation, startedAt: number, verdict: string, outcome: Outcome | undefined): void {
    const { hash, now, record } = this
    this.queue.add({ session: record, operation, startedAt, endedAt: now(), hash: hash(), verdict, outcome })
  }
}
