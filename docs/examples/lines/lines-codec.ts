import type { Deny, Exchange, Login, UpstreamLogin } from "sluice"
import type { Codec, CodecContext, Event, Side } from "sluice/protocol"
import { type Ask, type Lines, read } from "./lines-family.ts"

/**
 * Both roles of a protocol in which a line is a message. No socket, no clock, no throw on what a peer sent.
 *
 * | State   | From the client              | From the upstream            |
 * | ------- | ---------------------------- | ---------------------------- |
 * | `login` | `LOGIN user token`           | –                            |
 * | `wait`  | – (the login is judged)      | –                            |
 * | `greet` | –                            | `OK`                         |
 * | `ready` | `GET name`, `PUT name`, `QUIT` | –                          |
 * | `busy`  | – (waits for the answer)     | `= value`, `! code`          |
 * | `over`  | nothing is read any more     |                              |
 */
export class LinesCodec implements Codec<Lines> {
  readonly cancelKey = undefined
  private readonly context: CodecContext
  private state: "login" | "wait" | "greet" | "ready" | "busy" | "over" = "login"
  private readonly unread = { downstream: Buffer.alloc(0), upstream: Buffer.alloc(0) }
  private readonly taken = { downstream: 0, upstream: 0 }
  private readonly leaving: Record<Side, Array<Uint8Array>> = { downstream: [], upstream: [] }
  private readonly events: Array<Event<Lines>> = []
  private exchange: Exchange<Lines> | undefined
  private asked = 0

  constructor(context: CodecContext) {
    this.context = context
  }

  receive(side: Side, chunk: Uint8Array): void {
    if (this.state !== "over") this.unread[side] = Buffer.concat([this.unread[side], chunk])
  }

  end(): void {}

  next(side: Side): Event<Lines> | undefined {
    const told = this.events.shift()
    if (told !== undefined) return told
    // Pull: what the client sends while its last line is judged or answered simply stays where it is.
    if (side === "downstream" && this.state !== "login" && this.state !== "ready") return undefined
    if (this.state === "over") return undefined
    const line = this.line(side)
    if (line === undefined) return this.unread[side].length > this.longest ? this.violation(side, "length") : undefined
    return side === "downstream" ? this.fromClient(line) : this.fromUpstream(line)
  }

  private fromClient(line: string): Event<Lines> {
    if (this.state === "login") {
      const [, user, token] = /^LOGIN (\S+) (\S+)$/.exec(line) ?? []
      if (user === undefined || token === undefined) return this.violation("downstream", "unexpected_message")
      this.state = "wait"
      return { _tag: "Login", login: { user, method: "token", secret: Buffer.from(token), settings: new Map() } }
    }
    if (line === "QUIT") return { _tag: "Goodbye", side: "downstream" }
    const operation = read(line)
    if (operation.kind === "unknown") return this.violation("downstream", "unexpected_message")
    this.state = "busy"
    this.exchange = { id: ++this.asked, session: this.context.session, operation, asked: operation }
    return { _tag: "Asked", exchange: this.exchange }
  }

  private fromUpstream(line: string): Event<Lines> {
    if (this.state === "greet" && line === "OK") {
      this.send("downstream", "OK")
      this.state = "ready"
      return { _tag: "Ready", transaction: "idle" }
    }
    const exchange = this.exchange
    if (this.state !== "busy" || exchange === undefined) return this.violation("upstream", "unasked")
    if (!/^[=!] /.test(line)) return this.violation("upstream", "unexpected_message")
    const failed = line.startsWith("!")
    this.settle(failed ? "failed" : "completed", line.length + 1)
    return { _tag: "Output", output: { kind: "line", text: line }, exchange }
  }

  forward(event: Event<Lines>, operation?: Ask): void {
    if (event._tag === "Asked") this.send("upstream", (operation ?? event.exchange.operation).line)
    if (event._tag === "Output") this.send("downstream", event.output.text)
  }

  reject(_exchange: Exchange<Lines>, denial: Deny): void {
    this.send("downstream", `! ${denial.code}`)
    this.settle("denied", 0)
  }

  admit(_login: Login, admission: UpstreamLogin | Deny): void {
    if (admission._tag === "Deny") return this.close(admission)
    this.send("upstream", `LOGIN ${admission.credential.user} ${admission.credential.password}`)
    this.state = "greet"
  }

  close(denial: Deny): void {
    this.send("downstream", `! ${denial.code}`)
    this.state = "over"
  }

  notice(): void {}
  secured(): void {}
  cancellation(): undefined {}
  transmit(side: Side): Uint8Array | undefined {
    return this.leaving[side].shift()
  }
  buffered(side: Side): number {
    return this.unread[side].length
  }

  private get longest(): number {
    return this.context.limits.messageBytesMax
  }

  private line(side: Side): string | undefined {
    const end = this.unread[side].indexOf(10)
    if (end < 0 || end > this.longest) return undefined
    const line = this.unread[side].toString("latin1", 0, end)
    this.unread[side] = this.unread[side].subarray(end + 1)
    this.taken[side] += end + 1
    return line
  }

  private send(side: Side, line: string): void {
    this.leaving[side].push(Buffer.from(`${line}\n`, "latin1"))
  }

  private settle(result: "completed" | "failed" | "denied", bytes: number): void {
    const outcome = { result, rows: 0, bytes }
    this.events.push({ _tag: "Settled", exchange: this.exchange!, outcome }, { _tag: "Ready", transaction: "idle" })
    this.exchange = undefined
    this.state = "ready"
  }

  private violation(side: Side, code: string): Event<Lines> {
    this.state = "over"
    return {
      _tag: "Violation",
      side,
      code,
      message: "A line was not what its place asks for.",
      offset: this.taken[side]
    }
  }
}
