import type { Socket } from "node:net"
import type { Port, PortEvents } from "../relay/index.ts"
import type { LoanedReads } from "./loaned-reads.ts"
import { socketError } from "./socket-error.ts"
import type { Upgrade } from "./upgrade.ts"

export interface SocketPortOptions {
  /** Undefined where the connection cannot be secured. */
  readonly upgrade: Upgrade | undefined
  /** How long a handshake may take, in milliseconds. */
  readonly handshakeMilliseconds: number
  /** How long a peer may leave everything unread that is written to it, in milliseconds. */
  readonly stallMilliseconds: number
  /** What the socket reads into; without it every chunk is a fresh one. */
  readonly reads?: LoanedReads
  /** Called once, when nothing of the connection is left. */
  readonly closed?: () => void
}

/** How long a closed connection may take to deliver its last bytes and be closed by the peer too, in milliseconds. */
const LINGER_MILLISECONDS = 2000

const IGNORED: PortEvents = { received() {}, drained() {}, secured() {}, ended() {}, failed() {} }

/**
 * A port over a socket of `node:net`, which becomes one of `node:tls` when it is secured.
 *
 * open --secure--> securing --> open; open --end--> ending --> over. Any trouble, and `destroy`, lead to over at once.
 * `ended` or `failed` is told once, and nothing after it. Reading starts with the first `resume`.
 */
export class SocketPort implements Port {
  private socket: Socket
  private readonly options: SocketPortOptions
  private events: PortEvents = IGNORED
  private state: "open" | "securing" | "ending" | "over" = "open"
  private reading = false
  private slow = false
  private detach: () => void = () => {}
  private timer: NodeJS.Timeout | undefined

  /** Takes over `socket`: connected, never read from, with no listeners of others that matter. */
  constructor(socket: Socket, options: SocketPortOptions) {
    this.socket = socket
    this.options = options
    this.attach(socket, options.reads)
  }

  /** Whom to tell. Called once, before the first `resume`. */
  listen(events: PortEvents): void {
    this.events = events
  }

  /** True once both directions are closed or given up. */
  get over(): boolean {
    return this.state === "over"
  }

  write(bytes: Uint8Array): boolean {
    if (this.state === "ending" || this.state === "over") return true
    // A chunk above the high-water mark is refused by `write` even when the kernel took all of it.
    if (this.socket.write(bytes) || this.socket.writableLength === 0) return true
    this.slow = true
    // Only while something waits: a timer on every read and write of every connection would show.
    this.socket.setTimeout(this.options.stallMilliseconds)
    return false
  }

  get taken(): boolean {
    return this.socket.writableLength === 0
  }

  reclaim(): void {
    this.options.reads?.reclaim()
  }

  pause(): void {
    if (!this.reading) return
    this.reading = false
    if (this.state === "open") this.socket.pause()
  }

  resume(): void {
    if (this.reading) return
    this.reading = true
    if (this.state === "open") this.socket.resume()
  }

  secure(unread?: Uint8Array): void {
    if (this.state !== "open") return
    const { handshakeMilliseconds, upgrade } = this.options
    if (upgrade === undefined) return this.fail("this connection cannot be secured")
    const plain = this.socket
    this.state = "securing"
    this.detach()
    plain.pause()
    // A peer that leaves during the handshake has left: there is nothing to tell it any more.
    plain.allowHalfOpen = false
    if (unread !== undefined && unread.length > 0) plain.unshift(unread)
    const lost = (): void => this.fail("the connection closed during the TLS handshake")
    plain.once("close", lost)
    this.arm(handshakeMilliseconds, () => this.fail("the TLS handshake was not finished in time"))
    upgrade(plain, (upgraded) => {
      plain.removeListener("close", lost)
      if (this.state !== "securing") {
        if (upgraded.ok) upgraded.socket.destroy()
        return
      }
      if (!upgraded.ok) return this.unsecured(upgraded.reason)
      this.arm()
      this.state = "open"
      this.attach(upgraded.socket)
      if (this.reading) upgraded.socket.resume()
      this.events.secured({ alpn: upgraded.alpn, certificate: upgraded.certificate })
    })
  }

  /**
   * The upgrade has destroyed its TLS socket already, and the plain one with it. It may be asked from within OpenSSL's
   * handshake, where closing the plain socket first would free what the handshake still stands on, and crash.
   */
  private unsecured(reason: string): void {
    setImmediate(() => {
      if (this.state === "securing") this.fail(reason)
    })
  }

  end(): void {
    if (this.state === "securing") return this.destroy()
    if (this.state !== "open") return
    this.state = "ending"
    this.events = IGNORED
    // Closing with bytes unread would reset the connection, and the peer would lose the last words.
    this.socket.resume()
    this.socket.end()
    this.arm(LINGER_MILLISECONDS, () => this.destroy())
  }

  destroy(): void {
    if (this.state === "over") return
    this.state = "over"
    this.events = IGNORED
    this.arm()
    this.detach()
    this.socket.destroy()
    this.options.closed?.()
  }

  private attach(socket: Socket, reads?: LoanedReads): void {
    this.socket = socket
    this.slow = false
    const onData = (chunk: Uint8Array): void => this.events.received(chunk)
    const onDrain = (): void => this.drained()
    const onEnd = (): void => this.finish()
    const onClose = (): void => this.fail("the connection was closed")
    const onError = (error: unknown): void => this.fail(socketError(error))
    const onTimeout = (): void => {
      if (this.slow) this.fail("the peer stopped reading what it is sent")
    }
    // A `data` listener would start the flow at once, were the socket not paused explicitly.
    socket.pause()
    socket.on("data", onData).on("drain", onDrain).on("end", onEnd).on("close", onClose).on("timeout", onTimeout)
    socket.on("error", onError)
    if (reads !== undefined) reads.receive = onData
    this.detach = () => {
      socket.off("data", onData).off("drain", onDrain).off("end", onEnd).off("close", onClose).off("timeout", onTimeout)
      // Errors that come late concern nobody any more, but an unheard one would end the process.
      socket.off("error", onError).on("error", () => {})
      if (reads !== undefined) reads.receive = undefined
      socket.setTimeout(0)
      this.detach = () => {}
    }
  }

  private drained(): void {
    if (!this.slow) return
    this.slow = false
    this.socket.setTimeout(0)
    this.events.drained()
  }

  private finish(): void {
    // What is still to be sent leaves first; then the runtime closes both directions.
    if (this.state === "ending") return
    const { events } = this
    this.events = IGNORED
    events.ended()
  }

  private fail(reason: string): void {
    const { events } = this
    this.destroy()
    events.failed(reason)
  }

  /** One timer at a time: the handshake's, then the linger's. Without arguments, none. */
  private arm(milliseconds?: number, wake?: () => void): void {
    clearTimeout(this.timer)
    this.timer = milliseconds === undefined || wake === undefined ? undefined : setTimeout(wake, milliseconds)
  }
}
