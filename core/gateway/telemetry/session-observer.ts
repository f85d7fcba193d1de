import type { Login, PluginError, Verdict } from "../../exchange/index.ts"
import type { Operation } from "../../family/index.ts"
import type { CloseReason } from "../../plugin/index.ts"
import type { Cancellation } from "../../protocol/index.ts"
import type { Observer } from "../../relay/index.ts"
import type { Log } from "../log.ts"
import type { Counters } from "./counters.ts"
import type { SessionTrace } from "./session-trace.ts"

/** What of a session's doings concerns the gateway itself. */
export interface SessionDuties {
  cancel(key: Uint8Array): void
  keyed(key: Uint8Array, cancellation: () => Cancellation | undefined): void
  closed(): void
}

/** Counts, logs and traces one session, and passes on what concerns the gateway. Quick, and never throws. */
export class SessionObserver implements Observer {
  private readonly counters: Counters
  private readonly log: Log
  private readonly trace: SessionTrace | undefined
  private readonly duties: SessionDuties
  private operations = 0
  private isClosed = false

  constructor(counters: Counters, log: Log, trace: SessionTrace | undefined, duties: SessionDuties) {
    this.counters = counters
    this.log = log
    this.trace = trace
    this.duties = duties
    counters.sessionsOpen++
    counters.sessionsTotal++
  }

  loggedIn(login: Login, verdict: Verdict): void {
    const code = verdict._tag === "Allow" ? "allow" : verdict.code
    this.counters.logins.add(code)
    this.trace?.loggedIn(login, code)
    if (verdict._tag === "Deny") this.log.warn("login refused", { code, method: login.method })
    else this.log.debug("logged in", { method: login.method })
  }

  judged(operation: Operation, verdict: Verdict, microseconds: number): void {
    this.operations++
    this.counters.operation(operation.kind, verdict._tag === "Allow" ? "allow" : verdict.code)
    this.counters.decisionSeconds.record(Math.max(0, microseconds) / 1_000_000)
    this.trace?.judged(operation, verdict, microseconds)
  }

  fault(plugin: string, stage: string, error: unknown): void {
    this.counters.faults.add(`${plugin} ${stage}`)
    this.log.error("fault", { plugin, stage, ...describe(error) })
  }

  unavailable({ message, plugin }: PluginError): void {
    this.log.warn("what a session waited for failed", { plugin, error: message })
  }

  received(side: "downstream" | "upstream", bytes: number): void {
    if (side === "downstream") this.counters.bytesFromClients += bytes
    else this.counters.bytesFromUpstream += bytes
  }

  cancel(key: Uint8Array): void {
    this.duties.cancel(key)
  }

  keyed(key: Uint8Array, cancellation: () => Cancellation | undefined): void {
    this.duties.keyed(key, cancellation)
  }

  closed(reason: CloseReason, detail: string | undefined): void {
    if (this.isClosed) return
    this.isClosed = true
    this.counters.sessionsOpen--
    this.counters.closed.add(reason)
    this.trace?.closed(reason)
    const level = reason === "fault" || reason === "violation" ? "warn" : "info"
    this.log[level]("session closed", { reason, detail, operations: this.operations })
    this.duties.closed()
  }
}

/** A thrown value's kind and where it was thrown; never its message, which may quote data. */
const describe = (error: unknown): { readonly error: string; readonly at: string | undefined } => {
  if (!(error instanceof Error)) return { error: typeof error, at: undefined }
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)).slice(0, 3)
  return { error: error.constructor.name, at: frames.map((line) => line.trim()).join(" ") }
}
