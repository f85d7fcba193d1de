import { Inbox, Outbox, viewOf, type Wire } from "../../core/bytes/index.ts"
import type { Connector, ConnectorContext, ConnectorStep, Side } from "../../core/protocol/index.ts"
import { encodeReport } from "./messages/error-response.ts"
import { message } from "./messages/message-builder.ts"
import { Backend, Frontend } from "./messages/message-types.ts"
import * as Startup from "./messages/startup.ts"
import { bearerResponse, givingUp, OAUTHBEARER } from "./oauth-bearer.ts"

/** What the gateway may say before the client is in. */
const GREETING_BYTES_MAX = 65_536
const YES = 0x53
const NO = 0x4e

type Phase = "startup" | "dialling" | "encryption" | "securing" | "authentication" | "token" | "sent" | "over"

/**
 * Logs a local client in at the gateway with a token that the client never sees (PostgreSQL manual 54.2.1, 54.2.10).
 *
 * | phase | awaited | then |
 * |---|---|---|
 * | startup | GSSENCRequest, SSLRequest: answered `N`. StartupMessage or CancelRequest: held | dial |
 * | encryption | the gateway's one byte `S` | TLS, then what was held |
 * | authentication | a cleartext password or OAUTHBEARER is asked for; anything else is refused | the token |
 * | sent | AuthenticationOk passes, and everything after it. An error passes, and ends | pipe, or close |
 */
export class PostgresConnector implements Connector {
  private readonly context: ConnectorContext
  private readonly inbox = { downstream: new Inbox(), upstream: new Inbox() }
  private readonly outbox = { downstream: new Outbox(), upstream: new Outbox() }
  private phase: Phase = "startup"
  private held: Uint8Array = new Uint8Array(0)
  private cancels = false
  private bearer = false

  constructor(context: ConnectorContext) {
    this.context = context
  }

  receive(side: Side, chunk: Uint8Array): void {
    this.inbox[side].push(chunk)
  }

  transmit(side: Side): Uint8Array | undefined {
    return this.outbox[side].shift()
  }

  next(): ConnectorStep | undefined {
    switch (this.phase) {
      case "startup":
        return this.startup()
      case "encryption":
        return this.encryption()
      case "authentication":
      case "sent":
        return this.greeting()
      default:
        return this.ending()
    }
  }

  dialled(): void {
    if (this.phase !== "dialling") return
    if (this.context.tls === "off") return this.introduce()
    this.outbox.upstream.push(Startup.sslRequest())
    this.phase = "encryption"
  }

  secured(): void {
    if (this.phase === "securing") this.introduce()
  }

  token(token: string): void {
    if (this.phase !== "token") return
    message.open(Frontend.Password)
    if (this.bearer) message.bytes(bearerResponse(token))
    else message.text(token)
    message.close(this.outbox.upstream)
    this.phase = "sent"
  }

  refuse(text: string): void {
    if (this.phase === "over") return
    encodeReport(this.outbox.downstream, "error", { severity: "FATAL", sqlstate: "28000", message: text })
    this.outbox.upstream.clear()
    this.close()
  }

  private step: ConnectorStep | undefined

  private close(): void {
    this.phase = "over"
    this.step = { _tag: "Close" }
  }

  private ending(): ConnectorStep | undefined {
    const { step } = this
    this.step = undefined
    return step
  }

  private fault(text: string): ConnectorStep | undefined {
    this.refuse(text)
    return this.ending()
  }

  private startup(): ConnectorStep | undefined {
    const box = this.inbox.downstream
    for (;;) {
      if (box.length < 8) return undefined
      const [length, code] = [box.uint32(0), box.uint32(4)]
      if (length < 8 || length > Startup.STARTUP_BYTES_MAX) return this.fault("A startup packet has no usable length.")
      if (box.length < length) return undefined
      const packet = viewOf(box.take(length)).slice()
      if (code === Startup.SSL_REQUEST || code === Startup.GSSENC_REQUEST) {
        this.outbox.downstream.push(Uint8Array.of(NO))
        continue
      }
      this.cancels = code === Startup.CANCEL_REQUEST
      this.held = packet
      this.phase = "dialling"
      return { _tag: "Dial" }
    }
  }

  private encryption(): ConnectorStep | undefined {
    const box = this.inbox.upstream
    if (box.length === 0) return undefined
    if (box.length > 1 || box.byte(0) !== YES) {
      return this.fault("The gateway takes no encrypted connections. The token was not sent.")
    }
    box.take(1)
    this.phase = "securing"
    return { _tag: "Upgrade" }
  }

  /** Says what the client said. A cancel request has no answer. */
  private introduce(): void {
    this.outbox.upstream.push(this.held)
    if (this.cancels) this.close()
    else this.phase = "authentication"
  }

  private greeting(): ConnectorStep | undefined {
    const box = this.inbox.upstream
    for (;;) {
      if (box.length < 5) return undefined
      const length = box.uint32(1) + 1
      if (length < 5 || length > GREETING_BYTES_MAX)
        return this.fault("The gateway said something of no usable length.")
      if (box.length < length) return undefined
      const wire = box.take(length)
      const step = this.take(wire)
      if (step !== undefined) return step
    }
  }

  private take(wire: Wire): ConnectorStep | undefined {
    const type = wire.chunk[wire.start]
    if (type === Backend.Authentication) return this.asked(wire)
    if (type === Backend.ErrorResponse) {
      this.outbox.downstream.pushWire(wire)
      this.close()
      return this.ending()
    }
    if (type !== Backend.NoticeResponse && type !== Backend.NegotiateProtocolVersion) {
      return this.fault("What answers there is no gateway.")
    }
    this.outbox.downstream.pushWire(wire)
    return undefined
  }

  private asked(wire: Wire): ConnectorStep | undefined {
    const body = viewOf(wire).subarray(5)
    const code = body.length < 4 ? -1 : new DataView(body.buffer, body.byteOffset, 4).getInt32(0)
    if (this.phase === "sent") return this.answered(code, wire)
    const mechanisms = Buffer.from(body.subarray(4)).toString("latin1").split("\0")
    this.bearer = code === 10 && mechanisms.includes(OAUTHBEARER)
    // A gateway that lets anybody in is none.
    if (code !== 3 && !this.bearer) return this.fault("The gateway asks for something else than a token.")
    this.phase = "token"
    return { _tag: "Token" }
  }

  private answered(code: number, wire: Wire): ConnectorStep | undefined {
    if (code === 11 && this.bearer) {
      message.open(Frontend.Password).bytes(givingUp()).close(this.outbox.upstream)
      return undefined
    }
    if (code !== 0) return this.fault("The gateway asks for more than a token.")
    this.outbox.downstream.pushWire(wire)
    this.pass("upstream", "downstream")
    this.pass("downstream", "upstream")
    this.phase = "over"
    return { _tag: "Pipe" }
  }

  /** What has come meanwhile leaves first. */
  private pass(from: Side, to: Side): void {
    const box = this.inbox[from]
    if (box.length > 0) this.outbox[to].pushWire(box.take(box.length))
  }
}
