import * as net from "node:net"
import { socketError } from "./socket-error.ts"

export interface ListenerOptions {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  /** Takes over a connection, paused. Throwing closes it. */
  readonly accept: (socket: net.Socket) => void
  /** A connection could not be accepted: `reason` is for the operator. Reported at most once a second. */
  readonly trouble: (reason: string, times: number) => void
}

const TROUBLE_MILLISECONDS = 1000

/** Accepts the connections of one pipeline. Trouble with one of them, or a lack of descriptors, never stops it. */
export class Listener {
  readonly host: string
  readonly port: number
  private readonly server: net.Server
  private readonly options: ListenerOptions
  private troubles = 0
  private reportedAt = Number.NEGATIVE_INFINITY

  private constructor(server: net.Server, options: ListenerOptions) {
    const address = server.address() as net.AddressInfo
    this.server = server
    this.options = options
    this.host = options.host
    this.port = address.port
    server.on("connection", (socket) => this.connected(socket))
    // With no descriptor left, the runtime drops what knocks and goes on; the listener only has to stay alive.
    server.on("error", (error) => this.trouble(socketError(error)))
  }

  /** Rejects with a sentence that says what stands in the way. */
  static open(options: ListenerOptions): Promise<Listener> {
    return new Promise((resolve, reject) => {
      const server = net.createServer({
        allowHalfOpen: true,
        pauseOnConnect: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: 60_000
      })
      const failed = (error: unknown): void => reject(new Error(refusal(options, error)))
      server.once("error", failed)
      server.listen({ host: options.host, port: options.port, backlog: 1024 }, () => {
        server.off("error", failed)
        resolve(new Listener(server, options))
      })
    })
  }

  /** Stops accepting. Connections that were accepted live on. */
  close(): void {
    this.server.close()
  }

  get open(): boolean {
    return this.server.listening
  }

  private connected(socket: net.Socket): void {
    socket.on("error", () => {})
    try {
      this.options.accept(socket)
    } catch {
      socket.destroy()
      this.trouble("a connection could not be taken over")
    }
  }

  private trouble(reason: string): void {
    this.troubles++
    const now = performance.now()
    if (now - this.reportedAt < TROUBLE_MILLISECONDS) return
    this.reportedAt = now
    this.options.trouble(reason, this.troubles)
    this.troubles = 0
  }
}

const refusal = (options: ListenerOptions, error: unknown): string => {
  const where = `${options.host}:${options.port}`
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "unknown"
  if (code === "EADDRINUSE")
    return `Cannot listen on ${where}: another program does already. Stop it, or choose a port.`
  if (code === "EACCES") return `Cannot listen on ${where}: not allowed. Choose a port above 1023, or grant the right.`
  if (code === "EADDRNOTAVAIL") return `Cannot listen on ${where}: this machine has no such address.`
  return `Cannot listen on ${where}: ${socketError(error)}.`
}
