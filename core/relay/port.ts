/** A connection as the relay sees it. Transport implements it over sockets; tests implement it over an array. */
export interface Port {
  /** False when the peer is slow: nothing more is asked of the other side until `drained`. */
  write(bytes: Uint8Array): boolean
  /**
   * Whether nothing that was written is still needed here: the arrays may be written over. A port that cannot tell
   * leaves it out, and keeps them.
   */
  readonly taken?: boolean
  /** Nobody refers any more to the chunks that were received so far: they may be read into again. */
  reclaim?(): void
  /** Stops and starts reading. Both may be called again without effect. */
  pause(): void
  resume(): void
  /**
   * Turns the connection to TLS, after what was written has left: as the server downstream, as the client upstream.
   * `unread` was received already and is part of the handshake. Answered by `secured` or `failed`.
   */
  secure(unread?: Uint8Array): void
  /** Sends what was written, then closes. */
  end(): void
  /** Closes at once; what was written may be lost. */
  destroy(): void
}

/** What a port tells the relay. Nothing is told after `ended` or `failed`. */
export interface PortEvents {
  /** The relay owns `chunk` from here on, until `reclaim`. */
  received(chunk: Uint8Array): void
  /** What `write` refused to hurry has left. */
  drained(): void
  secured(tls: { readonly alpn: string | undefined; readonly certificate: Uint8Array | undefined }): void
  /** The peer closed in good order. */
  ended(): void
  /** The connection broke: `reason` is for people, and quotes nothing that was sent. */
  failed(reason: string): void
}
