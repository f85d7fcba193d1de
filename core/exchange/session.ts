/** One client's stay: from the accepted socket to the closing of both. The same object for the whole of it. */
export interface Session {
  /** Unique across gateways and restarts; sorts by time. */
  readonly id: string
  /** The pipeline's name in the operator's file. */
  readonly pipeline: string
  readonly peer: Peer
  /** Milliseconds since the epoch. The one clock that hooks read: `explain --at` and simulations set it. */
  now(): number
}

/** The client's end of the connection, as the transport sees it. */
export interface Peer {
  readonly address: string
  readonly port: number
  /** The client's certificate in DER, when TLS asked for one and verified it. */
  readonly certificate?: Uint8Array
  /** Whether what the client sends is encrypted on its way here. Changes when the connection is secured. */
  readonly encrypted: boolean
}
