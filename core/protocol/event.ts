import type { Wire } from "../bytes/index.ts"
import type { Exchange, Login, Outcome, TransactionStatus } from "../exchange/index.ts"
import type { Family, InputOf, OutputOf } from "../family/index.ts"

/** Downstream is the client; upstream is the service behind the gateway. */
export type Side = "downstream" | "upstream"

/**
 * What a codec has understood. Yielded in wire order, one at a time, and only when asked for. Each event is answered
 * (`forward`, `reject`, `admit`, `secured`) before the next one of its side is asked for.
 */
export type Event<F extends Family = Family> =
  /** The client says who it wants to be. Answered with `admit`. */
  | { readonly _tag: "Login"; readonly login: Login }
  /** To be analysed and judged. Answered with `forward` or `reject`. */
  | { readonly _tag: "Asked"; readonly exchange: Exchange<F> }
  /** More of what the client sends after asking. Judged against the label as it is now. */
  | { readonly _tag: "Input"; readonly input: InputOf<F>; readonly exchange: Exchange<F> }
  /** A piece of an answer. Without an exchange: notices, notifications, settings. */
  | { readonly _tag: "Output"; readonly output: OutputOf<F>; readonly exchange?: Exchange<F> }
  /** An exchange ended; nothing more of it will come. Needs no answer. */
  | { readonly _tag: "Settled"; readonly exchange: Exchange<F>; readonly outcome: Outcome }
  /** The upstream waits for the next operation. Needs no answer. */
  | { readonly _tag: "Ready"; readonly transaction: TransactionStatus }
  /** An allow-list of messages that carry no data. Answered with `forward`. */
  | { readonly _tag: "Relay"; readonly side: Side; readonly wire: Wire }
  /**
   * The connection of `side` turns to TLS once what was transmitted has left. `unread` is what the codec received and
   * is already part of the handshake. Answered with `secured`.
   */
  | { readonly _tag: "Upgrade"; readonly side: Side; readonly to: "tls"; readonly unread?: Uint8Array }
  /** Another connection's operation is to be cancelled. Needs no answer: this connection closes. */
  | { readonly _tag: "Cancel"; readonly key: Uint8Array }
  /** The peer leaves in good order. Terminal. */
  | { readonly _tag: "Goodbye"; readonly side: Side }
  | Violation

/** A peer broke the protocol, or a limit. Terminal, never thrown, and never quotes what was sent. */
export interface Violation {
  readonly _tag: "Violation"
  /** Whose fault it is. */
  readonly side: Side
  /** Stable, for machines: `length`, `unexpected_message`, `unasked`. */
  readonly code: string
  readonly message: string
  /** Bytes received from `side` before the offending message. */
  readonly offset: number
}
