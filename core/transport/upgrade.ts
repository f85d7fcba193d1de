import type { Socket } from "node:net"
import type { TLSSocket } from "node:tls"

/** How turning a connection to TLS ended. A failure quotes nothing that was sent. */
export type Upgraded =
  | {
    readonly ok: true
    readonly socket: TLSSocket
    readonly alpn: string | undefined
    /** The peer's certificate in DER: always the server's; a client's only when it was asked for and is trusted. */
    readonly certificate: Uint8Array | undefined
  }
  | { readonly ok: false; readonly reason: string }

/**
 * Turns a connected, paused socket to TLS, in place. What the socket still has to read is the start of the handshake.
 * Answers once, or never when the connection breaks without a word of TLS: whoever owns `socket` sees it close. When it
 * answers that it failed, it has destroyed what it put on `socket`, and may be standing in the middle of a handshake.
 */
export type Upgrade = (socket: Socket, done: (upgraded: Upgraded) => void) => void
