import type { Side } from "./event.ts"

/** What a connector needs done before it can go on. */
export type ConnectorStep =
  /** Connect to the gateway, read no more of the client meanwhile, and call `dialled`. */
  | { readonly _tag: "Dial" }
  /** Put TLS on the gateway's side, verified, and call `secured`. */
  | { readonly _tag: "Upgrade" }
  /** Hand in a token by `token`, or say by `refuse` why there is none. */
  | { readonly _tag: "Token" }
  /** From here on bytes are passed as they come, both ways. */
  | { readonly _tag: "Pipe" }
  /** Send what is ready. Then the gateway's side ends, and the client's once the gateway has closed. */
  | { readonly _tag: "Close" }

/**
 * How a client on this machine, which has no token, logs in through one that has: everything up to the login, for one
 * connection. No I/O. The gateway is the upstream here. The token is asked for only once the gateway's side is secured
 * where it has to be.
 */
export interface Connector {
  /** Takes ownership of `chunk`. */
  receive(side: Side, chunk: Uint8Array): void
  /** What is to be done now; undefined when more bytes are needed, or after `Pipe` and `Close`. */
  next(): ConnectorStep | undefined
  dialled(): void
  secured(): void
  token(token: string): void
  /** Tells the client why it cannot come in, in the protocol's words. The next step is `Close`. */
  refuse(message: string): void
  /** The next run of bytes ready for `side`; undefined when there are none. */
  transmit(side: Side): Uint8Array | undefined
}

export interface ConnectorContext {
  /** `off` where the gateway is on this machine. */
  readonly tls: "off" | "required"
}
