import { Inbox, Outbox, type Wire } from "../../core/bytes/index.ts"
import type { TransactionStatus } from "../../core/exchange/index.ts"
import type { Sql } from "../../core/family/sql/index.ts"
import type { CodecContext, Event, Side, Violation } from "../../core/protocol/index.ts"
import { encodeBare } from "./messages/bare.ts"
import { Frontend } from "./messages/message-types.ts"
import { MessageReader } from "./messages/message-reader.ts"
import { Names } from "./names.ts"
import { type Owed, OwedQueue } from "./owed.ts"
import { encodeRefusal, type Refusal } from "./refusal.ts"

/**
 * Where a session stands.
 *
 * | phase | the client | the upstream |
 * |---|---|---|
 * | startup | startup packets | not there yet |
 * | securing | waits for the handshake | |
 * | password | is to send its password | |
 * | judging | waits; what it sends stays unread | |
 * | opening | waits; what it sends stays unread | TLS, then its own login |
 * | open | asks | answers |
 * | over | is told no more | is asked no more |
 */
export type Phase = "startup" | "securing" | "password" | "judging" | "opening" | "open" | "over"

/** What the parts of one session's codec share. */
export class State {
  readonly context: CodecContext
  readonly inbox = { downstream: new Inbox(), upstream: new Inbox() }
  readonly outbox = { downstream: new Outbox(), upstream: new Outbox() }
  readonly ended = { downstream: false, upstream: false }
  /** Bytes understood, by side: where a violation stands. */
  readonly seen = { downstream: 0, upstream: 0 }
  readonly reader = new MessageReader()
  readonly queue = new OwedQueue()
  readonly names: Names
  /** What happened and was not yet told. */
  readonly events: Array<Event<Sql>> = []
  phase: Phase = "startup"
  transaction: TransactionStatus = "idle"
  /** Set while messages of the extended protocol were sent and no Sync ended them: a transaction may be open. */
  pipelineOpen = false
  /** The upstream skips everything up to the next Sync, and so does the reader of the client's messages. */
  skipping = false
  /** An event of the client's awaits its answer: until then, no more of them are read. */
  waiting = false
  /** Skipped before its verdict came: it is settled once the verdict does. */
  orphan: Owed | undefined
  /** Why nothing more is read: told again whenever the next event is asked for. */
  last: Event<Sql> | undefined
  exchanges = 0

  constructor(context: CodecContext) {
    this.context = context
    this.names = new Names(Buffer.from(context.random(8)).toString("hex"))
  }

  /** The next whole message of `side`; undefined when it is not here yet, or breaks a limit: then `last` is set. */
  frame(side: Side, bytesMax: number): Wire | undefined {
    // By name, not by `[side]`: a key that varies is looked up anew each time, and this is asked for every message.
    const box = side === "upstream" ? this.inbox.upstream : this.inbox.downstream
    if (box.length < 5) return undefined
    const length = box.uint32(1)
    if (length < 4 || length + 1 > bytesMax) {
      this.violate(side, "length", length < 4 ? "A message is shorter than its own length field." : tooLong(bytesMax))
      return undefined
    }
    if (box.length < length + 1) return undefined
    return this.took(side, box.take(length + 1))
  }

  took(side: Side, wire: Wire): Wire {
    if (side === "upstream") this.seen.upstream += wire.end - wire.start
    else this.seen.downstream += wire.end - wire.start
    return wire
  }

  /** Ends the session over a breach of the protocol. The first breach counts. */
  violate(side: Side, code: string, message: string): Violation {
    if (this.last?._tag === "Violation") return this.last
    const violation: Violation = { _tag: "Violation", side, code, message, offset: this.seen[side] }
    if (this.last !== undefined) return violation
    this.last = violation
    this.fatal(
      side === "downstream"
        ? { sqlstate: "08P01", message: `${message} (${code})`, code: `violation_${code}` }
        : {
          sqlstate: "08006",
          message: "The upstream broke its protocol. (upstream_violation)",
          code: "upstream_violation"
        }
    )
    return violation
  }

  /** A message of the client's is not what its type says. */
  malformed(): Violation {
    return this.violate("downstream", "malformed", "A message's fields do not fill it exactly.")
  }

  /** Tells the client that the session ends, and why; nothing more is told. */
  fatal(refusal: Refusal): void {
    if (this.phase === "over") return
    if (this.phase !== "securing") encodeRefusal(this.outbox.downstream, "FATAL", refusal)
    this.leave()
  }

  /** Nothing more is read or told; the upstream, if it is there, is left in good order. */
  leave(): void {
    if (this.phase === "open") encodeBare(this.outbox.upstream, Frontend.Terminate)
    this.phase = "over"
    this.inbox.downstream.clear()
    this.inbox.upstream.clear()
    this.waiting = false
  }
}

const tooLong = (bytesMax: number): string => `A message is longer than the ${bytesMax} bytes allowed here.`
