import type { Wire } from "../../core/bytes/index.ts"
import type { Deny, Exchange } from "../../core/exchange/index.ts"
import type { Sql, Statement, StatementPhase } from "../../core/family/sql/index.ts"
import type { Event } from "../../core/protocol/index.ts"
import type { CopyIn } from "./copying.ts"
import type { ExtendedReader } from "./extended-reader.ts"
import type { ExtendedSender } from "./extended-sender.ts"
import { FAILING, notUtf8 } from "./failing.ts"
import { encodeBare } from "./messages/bare.ts"
import { Frontend } from "./messages/message-types.ts"
import { decodeQuery, encodeQuery } from "./messages/query.ts"
import { encodeReadyForQuery } from "./messages/ready-for-query.ts"
import { AskedExchange, Owed } from "./owed.ts"
import { encodeRefusal, type Refusal, refusalOf } from "./refusal.ts"
import { AskedStatement } from "./statement.ts"
import { isBare } from "./settling.ts"
import type { State } from "./state.ts"

/**
 * Reads what the client asks once it is logged in.
 *
 * Every message becomes an answer owed, in the order sent. Query, Parse, Bind and Execute are judged first; Describe,
 * Close and Sync name only what was judged. A refusal is played by the upstream (a statement that fails takes the
 * refused one's place), so that what an error does to the transaction and to the pipeline is the server's own doing;
 * only where neither is open is it answered here.
 */
export class Asked {
  private readonly state: State
  private readonly copyIn: CopyIn
  private readonly reader: ExtendedReader
  private readonly sender: ExtendedSender
  /** A message that waits for what one of its names will stand for. */
  private held: Wire | undefined
  /** Nothing was sent since the upstream was last told to flush. */
  private flushed = true

  constructor(state: State, copyIn: CopyIn, reader: ExtendedReader, sender: ExtendedSender) {
    this.state = state
    this.copyIn = copyIn
    this.reader = reader
    this.sender = sender
  }

  next(): Event<Sql> | undefined {
    const { state } = this
    for (;;) {
      if (state.waiting || state.phase !== "open") return state.last
      const box = state.inbox.downstream
      if (this.held === undefined && box.length > 0 && this.mustWait(box.byte(0))) return undefined
      const wire = this.held ?? state.frame("downstream", state.context.limits.messageBytesMax)
      this.held = undefined
      if (wire === undefined) return state.last
      const event = this.take(wire)
      if (event !== undefined || this.held !== undefined) return event
    }
  }

  /** The size of the message that waits for one of its names. */
  get heldBytes(): number {
    if (this.held === undefined || this.state.phase !== "open") return 0
    return this.held.end - this.held.start
  }

  /** Sends the judged operation on, unless an error before it has made the upstream skip it. */
  forward(exchange: Exchange<Sql>, operation: Statement | undefined): void {
    const { state } = this
    this.heard()
    const owed = state.queue.of(exchange)
    if (owed === undefined || owed.sent || state.phase !== "open") return
    if (operation !== undefined && owed.exchange !== undefined) owed.exchange.operation = operation
    if (operation !== undefined && !isSendable(operation.text)) {
      this.play(owed, unsendable)
      return
    }
    this.sending(owed)
    if (owed.kind !== "query") return this.sender.send(owed, operation)
    encodeQuery(state.outbox.upstream, (operation ?? exchange.asked).text)
  }

  reject(exchange: Exchange<Sql>, denial: Deny): void {
    const { state } = this
    this.heard()
    const owed = state.queue.of(exchange)
    if (owed === undefined || state.phase !== "open") return
    const refusal = refusalOf(denial)
    if (!owed.sent) this.refuse(owed, refusal)
    else if (this.copyIn.owed === owed) {
      owed.refusal = refusal
      this.copyIn.fail()
    }
  }

  /** A verdict came; perhaps for what the upstream has skipped in the meantime. */
  private heard(): void {
    const { state } = this
    state.waiting = false
    const exchange = state.orphan?.exchange
    if (exchange === undefined) return
    const outcome = state.orphan!.outcome("abandoned")
    state.orphan = undefined
    state.events.push({ _tag: "Settled", exchange, outcome })
  }

  /** Whether a whole message of the client's is here and must wait. */
  get holds(): boolean {
    const box = this.state.inbox.downstream
    if (this.held !== undefined) return true
    return this.state.phase === "open" && box.length >= 5 && box.length > box.uint32(1) && this.mustWait(box.byte(0))
  }

  /** Whether the next message must stay unread until more of what is owed has been answered. */
  private mustWait(type: number): boolean {
    const { state, copyIn } = this
    const { queue } = state
    if (copyIn.open) return false
    const copying = type === Frontend.CopyData || type === Frontend.CopyDone || type === Frontend.CopyFail
    if (copying && !copyIn.draining && !state.skipping) {
      if (queue.length === 0) return false
    } else if (queue.length < state.context.limits.exchangesInFlightMax) return false
    // The upstream keeps its answers to itself until a Sync or a Flush, and the client's may stand behind the limit.
    if (!this.flushed) encodeBare(state.outbox.upstream, Frontend.Flush)
    this.flushed = true
    return true
  }

  private take(wire: Wire): Event<Sql> | undefined {
    const type = wire.chunk[wire.start]!
    this.flushed = false
    if (type === Frontend.Terminate) return this.terminate(wire)
    if (this.copyIn.open) return this.copyIn.take(type, wire)
    switch (type) {
      case Frontend.CopyData:
      case Frontend.CopyDone:
      case Frontend.CopyFail:
        return this.copyIn.drain(type)
      case Frontend.Query:
        this.copyIn.done()
        return this.query(wire)
      case Frontend.FunctionCall:
        return this.functionCall()
      case Frontend.Sync:
        return this.sync(wire)
      case Frontend.Flush:
        if (!isBare(wire)) return this.state.malformed()
        if (!this.state.skipping) encodeBare(this.state.outbox.upstream, Frontend.Flush)
        return undefined
      case Frontend.Parse:
      case Frontend.Bind:
      case Frontend.Describe:
      case Frontend.Execute:
      case Frontend.Close:
        return this.takeExtended(type, wire)
      default:
        return this.state.violate(
          "downstream",
          "unexpected_message",
          "A message is of a type that no client sends here."
        )
    }
  }

  private takeExtended(type: number, wire: Wire): Event<Sql> | undefined {
    const { state } = this
    this.copyIn.done()
    if (state.skipping) return undefined
    const owed = this.reader.read(type, wire)
    if (owed === undefined) return this.state.malformed()
    if (owed === "wait") {
      this.held = wire
      return undefined
    }
    state.queue.push(owed)
    if (owed.refusal !== undefined) return this.play(owed, owed.refusal)
    if (owed.exchange !== undefined) return this.ask(owed.exchange)
    this.sending(owed)
    this.sender.send(owed, undefined)
    return undefined
  }

  private query(wire: Wire): Event<Sql> | undefined {
    const { state } = this
    if (state.skipping) return undefined
    const reader = state.reader.over(wire)
    const text = decodeQuery(reader)
    if (text === undefined) return this.state.malformed()
    if (reader.garbled) return this.play(state.queue.push(new Owed("query", state.queue.nextPlace())), notUtf8)
    const exchange = this.exchange(text, "simple")
    state.queue.push(new Owed("query", state.queue.nextPlace(), exchange))
    return this.ask(exchange)
  }

  private functionCall(): undefined {
    const { state } = this
    if (state.skipping) return undefined
    return this.play(state.queue.push(new Owed("query", state.queue.nextPlace())), {
      sqlstate: "0A000",
      message: "Function calls do not pass this gateway. (unsupported)",
      hint: "Call the function in a SELECT.",
      code: "unsupported"
    })
  }

  private sync(wire: Wire): Event<Sql> | undefined {
    const { state } = this
    if (!isBare(wire)) return this.state.malformed()
    this.copyIn.done()
    state.skipping = false
    const owed = state.queue.push(new Owed("sync", state.queue.nextPlace()))
    this.sending(owed)
    encodeBare(state.outbox.upstream, Frontend.Sync)
    this.flushed = true
    return undefined
  }

  private terminate(wire: Wire): Event<Sql> {
    const { state } = this
    if (!isBare(wire)) return this.state.malformed()
    state.leave()
    return state.last = { _tag: "Goodbye", side: "downstream" }
  }

  private ask(exchange: AskedExchange): Event<Sql> {
    this.state.waiting = true
    return { _tag: "Asked", exchange }
  }

  private exchange(text: string, phase: StatementPhase): AskedExchange {
    const { state } = this
    return new AskedExchange(++state.exchanges, state.context.session, new AskedStatement(text, phase))
  }

  private sending(owed: Owed): void {
    owed.sent = true
    if (owed.extended) this.state.pipelineOpen = true
  }

  private refuse(owed: Owed, refusal: Refusal): void {
    const { state } = this
    const idle = state.queue.length === 1 && !state.pipelineOpen && state.transaction === "idle"
    if (owed.kind !== "query" || !idle) {
      this.play(owed, refusal)
      return
    }
    // A Query drops the unnamed statement, a refused one too; the upstream's is then out of reach.
    state.names.statements.delete("")
    const { downstream } = state.outbox
    const before = downstream.length
    encodeRefusal(downstream, "ERROR", refusal)
    encodeReadyForQuery(downstream, "idle")
    state.queue.shift()
    owed.error = refusal.sqlstate
    owed.bytes += downstream.length - before
    if (owed.exchange !== undefined) {
      state.events.push({ _tag: "Settled", exchange: owed.exchange, outcome: owed.outcome("denied") })
    }
    state.events.push({ _tag: "Ready", transaction: "idle" })
  }

  /** Has the upstream fail where the refused message stood; its error is exchanged for `refusal` when it comes. */
  private play(owed: Owed, refusal: Refusal): undefined {
    owed.refusal = refusal
    this.sending(owed)
    if (owed.kind !== "query") return this.sender.fail(owed)
    encodeQuery(this.state.outbox.upstream, FAILING)
    return undefined
  }
}

/** A text that PostgreSQL's protocol can carry as it was judged. */
const isSendable = (text: string): boolean => !text.includes("\0") && text.isWellFormed()

const unsendable: Refusal = {
  sqlstate: "58000",
  message: "The statement was rewritten to a text that cannot be sent. (fault)",
  code: "fault"
}
