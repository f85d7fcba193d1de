import type { OperationKind } from "../../family/index.ts"
import { DECISION_BOUNDS, Histogram } from "./histogram.ts"

/** Different values of one label that are counted apart; further ones are counted as `other`. */
const LABELS_MAX = 200

/** Counts by a label whose values plugins invent. */
export class Tally {
  readonly counts = new Map<string, number>()

  add(label: string): void {
    const before = this.counts.get(label)
    if (before !== undefined) return void this.counts.set(label, before + 1)
    const own = this.counts.size < LABELS_MAX ? label : "other"
    this.counts.set(own, this.of(own) + 1)
  }

  of(label: string): number {
    return this.counts.get(label) ?? 0
  }
}

/** What is counted of one pipeline: plain numbers, changed in place on the data path, read by whoever exports them. */
export class Counters {
  sessionsOpen = 0
  sessionsTotal = 0
  /** Connections turned away because too many were open. */
  sessionsShed = 0
  /** By `allow`, or the code of the refusal. */
  readonly logins = new Tally()
  /** For each kind of operation, by `allow` or the code of the refusal. */
  readonly operations = new Map<OperationKind, Tally>()
  readonly decisionSeconds = new Histogram(DECISION_BOUNDS)
  bytesFromClients = 0
  bytesFromUpstream = 0
  /** By plugin and stage, as `masking transform`. */
  readonly faults = new Tally()
  /** By reason. */
  readonly closed = new Tally()
  /** `sent`, or why none was: `stale`, `unknown_key`, `failed`. */
  readonly cancels = new Tally()
  readonly dials = new Tally()
  /** `address`, `certificate`, `issuer`: the upstream is otherwise than before; `elsewhere`: refused for it. */
  readonly drifts = new Tally()
  /** Connections that the system could not accept. */
  acceptTroubles = 0

  operation(kind: OperationKind, verdict: string): void {
    let tally = this.operations.get(kind)
    if (tally === undefined) this.operations.set(kind, tally = new Tally())
    tally.add(verdict)
  }
}
