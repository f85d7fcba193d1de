import type {
  CloseReason,
  Entry,
  Exchange,
  Json,
  PolicyDocument,
  Reads,
  Session,
  SessionEntry,
  SessionLog
} from "../../core/index.ts"
import type { RowRun } from "../../core/family/sql/index.ts"
import { Answers } from "./answers.ts"
import { Bases, type PolicyMemory } from "./bases.ts"
import type { Concealment, Digest } from "./conceal.ts"
import type { RecordingConfig } from "./config.ts"
import { concealmentOf, operationBody } from "./operation-body.ts"
import { sessionBody } from "./session-body.ts"
import { StatementMemory } from "./statement-memory.ts"
import { valueOf } from "./value.ts"

interface Open {
  readonly since: number
  readonly conceal: Concealment
  readonly answers: Answers | undefined
}

type Seen = Exchange & Reads<any>

/** What has happened already holds nothing up. */
const LATER = { later: true } as const

/** Writes one session into the ledger. */
export class Recorder {
  readonly log: SessionLog
  private readonly session: Session
  private readonly config: RecordingConfig
  private readonly digest: Digest
  private readonly policy: () => PolicyDocument
  private readonly memory = new StatementMemory()
  private readonly bases: Bases
  private readonly open = new Map<number, Open>()
  private begun = false
  private readonly counts = { operations: 0, denials: 0, rows: 0, bytes: 0 }

  constructor(
    session: Session,
    config: RecordingConfig,
    log: SessionLog,
    digest: Digest,
    policy: () => PolicyDocument,
    policies: PolicyMemory
  ) {
    this.session = session
    this.config = config
    this.log = log
    this.digest = digest
    this.policy = policy
    this.bases = new Bases(log, policies)
  }

  login({ login, verdict }: SessionEntry, facts: Reads<any>): void {
    this.begun = true
    const type = verdict._tag === "Allow" ? "session.start" : "session.refused"
    this.log.append(type, sessionBody(this.session, login, verdict, facts, this.policy().hash))
  }

  note(entry: Entry, exchange: Seen): void {
    switch (entry._tag) {
      case "Asked":
        return this.asked(entry, exchange)
      case "Input":
        return this.input(entry, exchange)
      case "Answered":
        return this.open.get(exchange.id)?.answers?.note(entry.output)
      case "Settled":
        return this.settled(entry, exchange)
    }
  }

  /** Notes many rows of an answer. */
  noteRun(rows: RowRun, exchange: Seen): void {
    this.open.get(exchange.id)?.answers?.run(rows)
  }

  close(reason: CloseReason): void {
    if (!this.begun) return
    for (const { answers } of this.open.values()) answers?.flush()
    this.log.append("session.end", { reason, ...this.counts })
  }

  private asked({ verdict }: Extract<Entry, { _tag: "Asked" }>, exchange: Seen): void {
    const how = concealmentOf(exchange)
    this.counts.operations++
    if (verdict._tag === "Deny") this.counts.denials++
    const { config, digest, log, memory } = this
    this.bases.note(exchange)
    log.append("operation", operationBody(exchange, verdict, how, { config, digest, memory }))
    const answers = config.answers ? new Answers(log, exchange.id) : undefined
    this.open.set(exchange.id, { since: this.session.now(), conceal: how, answers })
  }

  private input({ input, verdict }: Extract<Entry, { _tag: "Input" }>, exchange: Seen): void {
    const body: { [key: string]: Json } = {
      exchange: exchange.id,
      bytes: input.bytes.length,
      digest: this.digest(input.bytes)
    }
    if (verdict._tag === "Deny") body["verdict"] = { deny: verdict.code, message: verdict.message }
    const clear = this.config.inputs && this.open.get(exchange.id)?.conceal === "none"
    if (clear) body["content"] = valueOf(input.bytes, "text")
    this.log.append("input", body)
  }

  private settled({ outcome }: Extract<Entry, { _tag: "Settled" }>, exchange: Seen): void {
    const open = this.open.get(exchange.id)
    open?.answers?.flush()
    this.open.delete(exchange.id)
    const { bytes, code, result, rows } = outcome
    this.counts.rows += rows
    this.counts.bytes += bytes
    const milliseconds = open === undefined ? 0 : this.session.now() - open.since
    // Written out: of numbers and one word of ours, and for every operation.
    const failure = code === undefined ? "" : `"code":${JSON.stringify(code)},`
    this.log.append(
      "outcome",
      `{"exchange":${exchange.id},"result":"${result}",${failure}"rows":${rows},"bytes":${bytes},"milliseconds":${milliseconds}}`,
      LATER
    )
  }
}
