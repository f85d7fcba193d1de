import type { Exchange, Outcome, Session } from "../../core/exchange/index.ts"
import type { Column, Sql, Statement } from "../../core/family/sql/index.ts"
import type { Bind } from "./messages/bind.ts"
import type { Named } from "./messages/describe-close.ts"
import type { Execute } from "./messages/execute.ts"
import type { Parse } from "./messages/parse.ts"
import type { Portal, Prepared } from "./names.ts"
import type { Refusal } from "./refusal.ts"

/** Which message of the client's an answer is owed to. */
export type OwedKind =
  | "query"
  | "parse"
  | "bind"
  | "describe_statement"
  | "describe_portal"
  | "execute"
  | "close"
  | "sync"

/** What a message of the extended protocol said, until it is sent. */
export interface OwedMessage {
  readonly parse?: Parse
  readonly bind?: Bind
  readonly execute?: Execute
  readonly named?: Named
}

const SAID: OwedMessage = {}

/** An exchange whose operation becomes the analysed one when it is forwarded. */
export class AskedExchange implements Exchange<Sql> {
  readonly id: number
  readonly session: Session
  readonly asked: Statement
  operation: Statement

  constructor(id: number, session: Session, asked: Statement) {
    this.id = id
    this.session = session
    this.asked = asked
    this.operation = asked
  }
}

/** An answer that the upstream owes, or will owe once the verdict lets the question through. */
export class Owed {
  readonly kind: OwedKind
  readonly place: number
  readonly exchange: AskedExchange | undefined
  /** False while the verdict is awaited. */
  sent = false
  /** It was answered, or never will be: an error before it made the upstream skip it. */
  over = false
  /** Set when the upstream plays the refusal: its ErrorResponse is exchanged for this one. */
  refusal: Refusal | undefined
  /** The gateway's own question: the client sees nothing of its answer. */
  hidden = false
  message: OwedMessage = SAID
  prepared: Prepared | undefined
  portal: Portal | undefined
  /** Takes back what the message did to the names, when the upstream skips it. */
  skipped: (() => void) | undefined
  /** The same, when the upstream refuses it. */
  failed: (() => void) | undefined
  /** Which result set the answer has come to; -1 before the first. */
  result = -1
  columns: ReadonlyArray<Column> | undefined
  /** What the rows of the present result set come as. */
  rowsAs: "none" | "data" | "copy" | "copied" = "none"
  rows = 0
  bytes = 0
  error: string | undefined
  /** ParameterDescription came: a description of a statement has two parts. */
  halfDescribed = false

  constructor(kind: OwedKind, place: number, exchange?: AskedExchange) {
    this.kind = kind
    this.place = place
    this.exchange = exchange
  }

  /** Whether an error in it makes the upstream skip everything up to the next Sync. */
  get extended(): boolean {
    return this.kind !== "query" && this.kind !== "sync"
  }

  /** Nothing more will come of it: what it kept alive is let go. */
  end(): void {
    this.over = true
    this.message = SAID
    this.skipped = this.failed = undefined
  }

  outcome(result: Outcome["result"]): Outcome {
    const { rows, bytes } = this
    return this.error === undefined ? { result, rows, bytes } : { result, code: this.error, rows, bytes }
  }
}

/** The answers owed, oldest first: nothing that comes from the upstream is for anything but the first of them. */
export class OwedQueue {
  private readonly entries: Array<Owed> = []
  private places = 0

  get length(): number {
    return this.entries.length
  }

  get head(): Owed | undefined {
    return this.entries[0]
  }

  nextPlace(): number {
    return ++this.places
  }

  push(owed: Owed): Owed {
    this.entries.push(owed)
    return owed
  }

  insertBefore(owed: Owed, other: Owed): void {
    this.entries.splice(this.entries.indexOf(owed), 0, other)
  }

  /** The one behind the first. */
  get second(): Owed | undefined {
    return this.entries[1]
  }

  shift(): void {
    this.entries.shift()?.end()
  }

  /** Whether a Sync stands behind `owed`: then it may be skipped and what comes next is not. */
  syncAfter(owed: Owed): boolean {
    const at = this.entries.indexOf(owed)
    return at >= 0 && this.entries.some((other, index) => index > at && other.kind === "sync")
  }

  of(exchange: { readonly id: number }): Owed | undefined {
    return this.entries.find((owed) => owed.exchange?.id === exchange.id)
  }

  /** Whether anything of the extended protocol is among what is owed. */
  get extended(): boolean {
    return this.entries.some((owed) => owed.extended)
  }

  /** Whether something was sent and is not answered. */
  get running(): boolean {
    return this.entries.some((owed) => owed.sent)
  }

  /** Whether the first is followed by anything that the upstream, inside COPY, would take for a breach. */
  get brokenByCopy(): boolean {
    return this.entries.some((owed, index) => index > 0 && owed.kind !== "sync")
  }

  /** Removes the Syncs behind the first: inside COPY FROM STDIN the upstream ignores them. */
  dropSyncs(): void {
    for (let at = this.entries.length - 1; at > 0; at--)
      if (this.entries[at]!.kind === "sync") this.entries.splice(at, 1)
  }

  /**
   * Removes everything up to the next Sync, youngest first to `visit`. False when there is no Sync yet: then what the
   * client still sends is skipped too, until it sends one.
   */
  skipToSync(visit: (owed: Owed) => void): boolean {
    let sync = this.entries.findIndex((owed) => owed.kind === "sync")
    const found = sync >= 0
    if (!found) sync = this.entries.length
    const skipped = this.entries.splice(0, sync)
    for (let at = skipped.length - 1; at >= 0; at--) {
      visit(skipped[at]!)
      skipped[at]!.end()
    }
    return found
  }
}
