import { isIP } from "node:net"
import * as tls from "node:tls"
import { socketError } from "./socket-error.ts"
import type { Upgrade } from "./upgrade.ts"

export interface TlsClientOptions {
  /** The name, or address, that the server's certificate must be for. */
  readonly host: string
  /** `require` encrypts without asking whom; `verify-full` checks the chain and the name. */
  readonly mode: "require" | "verify-full"
  /** PEM of the authorities to trust; those of the system and of Node when undefined. */
  readonly authority: string | undefined
  /** The application protocol that is offered. */
  readonly alpn: string | undefined
}

/** The client's side of TLS. Throws when `authority` is not PEM. The trusted authorities are read once, here. */
export const tlsClient = (options: TlsClientOptions): Upgrade => {
  const secureContext = tls.createSecureContext({
    minVersion: "TLSv1.2",
    ca: options.authority ?? [...tls.getCACertificates("default"), ...tls.getCACertificates("system")]
  })
  const fixed: tls.ConnectionOptions = {
    secureContext,
    host: options.host,
    rejectUnauthorized: options.mode === "verify-full",
    // RFC 6066 §3: a server name is a name, never an address.
    ...(isIP(options.host) === 0 ? { servername: options.host } : {}),
    ...(options.alpn === undefined ? {} : { ALPNProtocols: [options.alpn] })
  }
  return (plain, done) => {
    const socket = tls.connect({ ...fixed, socket: plain })
    const failed = (error: unknown): void => {
      socket.destroy()
      done({ ok: false, reason: socketError(error) })
    }
    const closed = (): void => done({ ok: false, reason: "the connection closed during the TLS handshake" })
    socket.on("error", () => {}).once("error", failed)
    socket.once("close", closed)
    socket.once("secureConnect", () => {
      socket.off("error", failed).off("close", closed)
      done({
        ok: true,
        socket,
        alpn: socket.alpnProtocol === false || socket.alpnProtocol === null ? undefined : socket.alpnProtocol,
        certificate: socket.getPeerX509Certificate()?.raw
      })
    })
  }
}
