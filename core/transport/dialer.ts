import type { Socket } from "node:net"
import { buildConnector } from "undici"
import { LoanedReads } from "./loaned-reads.ts"
import { socketError } from "./socket-error.ts"

export interface DialerOptions {
  readonly host: string
  readonly port: number
  readonly timeoutMilliseconds: number
}

/** A connection to an upstream, or why there is none. */
export type Dialled =
  | {
    readonly ok: true
    readonly socket: Socket
    /** What the socket reads into, for a port to lend. */
    readonly reads: LoanedReads
    /** What `host` was resolved to. */
    readonly address: string
  }
  | { readonly ok: false; readonly reason: string }

/**
 * Connects; answers once. What is returned gives up, and then nothing is answered. `address` is one that an earlier
 * connection was made to, for when it has to be the same server again.
 */
export type Dial = (done: (dialled: Dialled) => void, address?: string) => () => void

/**
 * Dials one upstream over TCP, each time anew, trying its IPv6 and IPv4 addresses as RFC 8305 says. TLS is put on the
 * connection in place, when the protocol turns to it, so that its own ALPN name can be offered.
 */
export const dialer = (options: DialerOptions): Dial => {
  const { host, port, timeoutMilliseconds } = options
  return (done, address) => {
    let open = true
    const reads = new LoanedReads()
    const connect = buildConnector({
      timeout: timeoutMilliseconds,
      autoSelectFamily: true,
      allowHalfOpen: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      maxCachedSessions: 0,
      onread: reads.options
    }) as unknown as (target: object, done: (error: Error | null, socket: Socket | null) => void) => Socket
    const target = { hostname: address ?? host, host, port: String(port), protocol: "http:" }
    const pending = connect(target, (error, socket) => {
      if (!open) return
      open = false
      if (error !== null || socket === null) {
        return done({ ok: false, reason: `${host}:${port} cannot be reached: ${socketError(error)}` })
      }
      done({ ok: true, socket, reads, address: socket.remoteAddress ?? host })
    })
    reads.of(pending)
    return () => {
      if (!open) return
      open = false
      pending.destroy()
    }
  }
}
