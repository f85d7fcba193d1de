import type { Socket } from "node:net"
import * as tls from "node:tls"
import type { CertificateTexts } from "./certificate-files.ts"
import { socketError } from "./socket-error.ts"
import type { Upgrade, Upgraded } from "./upgrade.ts"

export interface TlsServerOptions extends CertificateTexts {
  /** Whether a client that shows no certificate is turned away. */
  readonly clientRequired: boolean
  /** The one application protocol that is spoken here: a client that offers only others is refused. */
  readonly alpn: string | undefined
  readonly handshakeMilliseconds: number
}

/**
 * The server's side of TLS for all connections of a listener. It listens nowhere itself: connections are handed to it
 * when their protocol turns to TLS. Its certificate can be exchanged while it runs.
 *
 * There is no callback for server names or application protocols, so there is none that could throw.
 */
export class TlsServer {
  private readonly server: tls.Server
  private readonly clientRequired: boolean
  private readonly handshakes = new Map<string, (upgraded: Upgraded) => void>()

  /** Throws when certificate and key are not a pair of PEM texts that belong together. */
  constructor(options: TlsServerOptions) {
    this.clientRequired = options.clientRequired
    this.server = tls.createServer({
      ...contextOf(options),
      handshakeTimeout: options.handshakeMilliseconds,
      requestCert: options.clientAuthority !== undefined,
      rejectUnauthorized: false,
      ...(options.alpn === undefined ? {} : { ALPNProtocols: [options.alpn] })
    })
    this.server.on("secureConnection", (socket) => this.secured(socket))
    this.server.on("tlsClientError", (error, socket) => {
      this.refuse(socket, socketError(error))
    })
  }

  /**
   * Replaces the certificate, and whose clients are believed, for handshakes to come. Throws, and keeps the old ones,
   * when the new ones are not usable.
   */
  exchange(texts: CertificateTexts): void {
    const context = contextOf(texts)
    tls.createSecureContext(context)
    this.server.setSecureContext(context)
  }

  readonly upgrade: Upgrade = (socket, done) => {
    const connection = connectionOf(socket)
    this.handshakes.set(connection, done)
    socket.once("close", () => {
      if (this.handshakes.get(connection) === done) this.handshakes.delete(connection)
    })
    this.server.emit("connection", socket)
  }

  private secured(socket: tls.TLSSocket): void {
    const certificate = socket.getPeerX509Certificate()
    if (certificate === undefined && this.clientRequired) {
      return this.refuse(socket, "the client showed no certificate, and must")
    }
    if (certificate !== undefined && !socket.authorized) {
      return this.refuse(socket, `the client's certificate is not trusted: ${socket.authorizationError}`)
    }
    this.settle(connectionOf(socket), {
      ok: true,
      socket,
      alpn: socket.alpnProtocol === false || socket.alpnProtocol === null ? undefined : socket.alpnProtocol,
      certificate: certificate?.raw
    })
  }

  private refuse(socket: tls.TLSSocket, reason: string): void {
    const connection = connectionOf(socket)
    socket.destroy()
    this.settle(connection, { ok: false, reason })
  }

  private settle(connection: string, upgraded: Upgraded): void {
    const done = this.handshakes.get(connection)
    this.handshakes.delete(connection)
    if (done !== undefined) done(upgraded)
    else if (upgraded.ok) upgraded.socket.destroy()
  }
}

const contextOf = ({ certificate, clientAuthority, key }: CertificateTexts): tls.SecureContextOptions => ({
  cert: certificate,
  key,
  minVersion: "TLSv1.2",
  ...(clientAuthority === undefined ? {} : { ca: clientAuthority })
})

/** What no two open TCP connections have in common, and what a connection keeps when TLS is put on it. */
const connectionOf = (socket: Socket): string =>
  `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`
