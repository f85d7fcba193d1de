import type { Socket } from "node:net"
import type { Peer, Session } from "../exchange/index.ts"

/** The client's end of a session; what is known of it changes once, when the connection is secured. */
export class Client implements Peer {
  readonly address: string
  readonly port: number
  encrypted = false
  declare readonly certificate?: Uint8Array

  constructor(socket: Socket) {
    this.address = socket.remoteAddress ?? "unknown"
    this.port = socket.remotePort ?? 0
  }

  secured(certificate: Uint8Array | undefined): void {
    this.encrypted = true
    if (certificate !== undefined) Object.assign(this, { certificate })
  }
}

/** What plugins, codec and analyser know of the session they serve. */
export class ClientSession implements Session {
  readonly id: string
  readonly pipeline: string
  readonly peer: Client
  private readonly clock: () => number

  constructor(id: string, pipeline: string, peer: Client, clock: () => number) {
    this.id = id
    this.pipeline = pipeline
    this.peer = peer
    this.clock = clock
  }

  now(): number {
    return Math.floor(this.clock())
  }
}
