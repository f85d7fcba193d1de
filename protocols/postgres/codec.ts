import type { Deny, Exchange, Login, UpstreamLogin } from "../../core/exchange/index.ts"
import type { Sql, Statement } from "../../core/family/sql/index.ts"
import type { Alike, Cancellation, Codec, CodecContext, Event, Side } from "../../core/protocol/index.ts"
import { Answered, type ShowRow } from "./answered.ts"
import { Asked } from "./asked.ts"
import type { PostgresConfig } from "./config.ts"
import { CopyIn } from "./copying.ts"
import { ExtendedReader } from "./extended-reader.ts"
import { ExtendedSender } from "./extended-sender.ts"
import { DownstreamLogin } from "./login.ts"
import { encodeReport } from "./messages/error-response.ts"
import { cancelRequest, sslRequest } from "./messages/startup.ts"
import { closingRefusal, loginRefusal } from "./refusal.ts"
import { Results } from "./results.ts"
import { State } from "./state.ts"
import { Told } from "./told.ts"
import { UpstreamLoginMachine } from "./upstream-login.ts"

/** One session of PostgreSQL's protocol 3.0 and 3.2: server to the client, client to the upstream. */
export class PostgresCodec implements Codec<Sql> {
  private readonly state: State
  private readonly downstreamLogin: DownstreamLogin
  private readonly upstreamLogin: UpstreamLoginMachine
  private readonly asked: Asked
  private readonly copyIn: CopyIn
  private readonly answered: Answered
  private readonly results: Results
  private readonly told: Told

  constructor(config: PostgresConfig, context: CodecContext) {
    const state = this.state = new State(context)
    const copyIn = this.copyIn = new CopyIn(state)
    this.downstreamLogin = new DownstreamLogin(state, config)
    this.upstreamLogin = new UpstreamLoginMachine(state, config)
    this.asked = new Asked(state, copyIn, new ExtendedReader(state), new ExtendedSender(state))
    this.results = new Results(state, copyIn)
    this.told = new Told(state, copyIn)
    this.answered = new Answered(state, copyIn, this.told, this.results)
  }

  receive(side: Side, chunk: Uint8Array): void {
    const { inbox, phase } = this.state
    if (phase === "over") return
    if (side === "upstream") inbox.upstream.push(chunk)
    else inbox.downstream.push(chunk)
  }

  end(side: Side): void {
    this.state.ended[side] = true
  }

  next(side: Side): Event<Sql> | undefined {
    const { state } = this
    if (state.events.length > 0) return state.events.shift()
    if (state.last !== undefined) return state.last
    const event = side === "downstream" ? this.nextDownstream() : this.nextUpstream()
    if (event !== undefined) return event
    return (side === "upstream" ? state.ended.upstream : state.ended.downstream) ? this.left(side) : undefined
  }

  forward(event: Event<Sql>, operation?: Statement): void {
    switch (event._tag) {
      case "Asked":
        return this.asked.forward(event.exchange, operation)
      case "Input":
        return this.copyIn.forward()
      case "Output":
        this.results.forward(event.output)
        return this.told.forward(event.output)
      // What remains is told and needs no answer, or another one than this.
      case "Login":
      case "Settled":
      case "Ready":
      case "Relay":
      case "Upgrade":
      case "Cancel":
      case "Goodbye":
      case "Violation":
        return
    }
  }

  follow(show: ShowRow, alike?: () => Alike<Sql> | undefined): void {
    this.answered.follow(show, alike)
  }

  reject(exchange: Exchange<Sql>, denial: Deny): void {
    this.asked.reject(exchange, denial)
  }

  notice(text: string): void {
    const { phase, outbox } = this.state
    if (phase === "startup" || phase === "securing" || phase === "over") return
    encodeReport(outbox.downstream, "notice", { severity: "NOTICE", sqlstate: "00000", message: text })
  }

  secured(side: Side, tls: { readonly alpn: string | undefined; readonly certificate: Uint8Array | undefined }): void {
    if (side === "downstream") this.downstreamLogin.secured(tls.alpn)
    else this.upstreamLogin.secured(tls.certificate)
  }

  admit(login: Login, admission: UpstreamLogin | Deny): void {
    const { state } = this
    if (state.phase !== "judging") return
    if (admission._tag === "Deny") {
      state.fatal(loginRefusal(admission))
      state.last = { _tag: "Goodbye", side: "downstream" }
    } else this.upstreamLogin.open(login, admission, this.downstreamLogin.minor)
  }

  close(denial: Deny): void {
    const { state } = this
    state.fatal(closingRefusal(denial))
    state.last ??= { _tag: "Goodbye", side: "downstream" }
  }

  transmit(side: Side): Uint8Array | undefined {
    const { outbox } = this.state
    return (side === "upstream" ? outbox.upstream : outbox.downstream).shift()
  }

  /** The client's chunks are kept: parameters are views on them until what they belong to has run. */
  release(side: Side): boolean {
    const { inbox, phase } = this.state
    if (side === "downstream" || phase !== "open" || this.results.again !== undefined) return false
    inbox.upstream.detach()
    return true
  }

  sent(side: Side): void {
    const { outbox } = this.state
    if (side === "upstream") outbox.upstream.sent()
    else outbox.downstream.sent()
  }

  buffered(side: Side): number {
    const { inbox } = this.state
    return side === "downstream" ? inbox.downstream.length + this.asked.heldBytes : inbox.upstream.length
  }

  get cancelKey(): Uint8Array | undefined {
    return this.upstreamLogin.cancelKey
  }

  cancellation(): Cancellation | undefined {
    const { key } = this.upstreamLogin
    if (key === undefined || this.state.phase !== "open" || !this.state.queue.running) return undefined
    return { request: cancelRequest(key), negotiate: { ask: sslRequest(), accept: 0x53 } }
  }

  private nextDownstream(): Event<Sql> | undefined {
    return this.state.phase === "open" ? this.asked.next() : this.downstreamLogin.next()
  }

  private nextUpstream(): Event<Sql> | undefined {
    const { state } = this
    if (state.phase === "opening") return this.upstreamLogin.next()
    return state.phase === "open" ? this.answered.next() : undefined
  }

  /** The peer has closed and everything of it that was whole has been read. */
  private left(side: Side): Event<Sql> | undefined {
    const { state } = this
    if (side === "downstream") {
      if (state.waiting || this.asked.holds) return undefined
      state.leave()
    } else if (this.told.fatal) state.leave()
    else {
      state.fatal({
        sqlstate: "08006",
        message: "The upstream closed the connection. (upstream_lost)",
        code: "upstream_lost"
      })
    }
    return state.last = { _tag: "Goodbye", side }
  }
}
