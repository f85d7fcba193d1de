import type { Deny, Exchange, Login, UpstreamLogin } from "../exchange/index.ts"
import type { Constants, Family, OperationOf, OutputOf, RunOf } from "../family/index.ts"
import type { Event, Side } from "./event.ts"

/** What becomes of all rows of one result alike. */
export interface Alike<F extends Family = Family> {
  readonly constants: Constants
  /** Shows a run of rows as the client will see it. False: none of them may leave. Undefined: nobody watches. */
  readonly show: ((rows: RunOf<F>) => boolean) | undefined
}

/**
 * One session's protocol state, the roles of server and client in one machine.
 *
 * No I/O, no clock, no timers, no randomness of its own: bytes go in through `receive`, meaning comes out of `next`,
 * decisions go in through `forward` and `reject`, bytes come out of `transmit`. Never throws on what a peer sent.
 */
export interface Codec<F extends Family = Family> {
  /** Takes ownership of `chunk`, until `release`. The relay stops reading while `buffered` is above the limit. */
  receive(side: Side, chunk: Uint8Array): void
  /** The peer will send no more. */
  end(side: Side): void
  /** The next event from `side`, or undefined when more bytes are needed. Pull: a held verdict just stops asking. */
  next(side: Side): Event<F> | undefined
  /** Lets an event through: as the bytes that came, or as what its views were patched to or `operation` replaces. */
  forward(event: Event<F>, operation?: OperationOf<F>): void
  /**
   * Goes on with the rows that lie ready behind the one that was forwarded last, of the same result: each is shown to
   * `show`, and forwarded when that says true; at the first false it stops, and that row stays here. What is no such
   * row is left to `next`. For rows, of which there are so many that a turn of the relay for each would show; a codec
   * without it yields each by `next`. Where there are such rows, and `alike` says how all are treated, the codec may
   * give that to many of them at once, which then are not shown to `show`.
   */
  follow?(
    show: (output: OutputOf<F>, exchange: Exchange<F> | undefined) => boolean,
    alike?: () => Alike<F> | undefined
  ): void
  /** Refuses in the protocol's own words, in its turn among the answers owed, with the consequences of an error. */
  reject(exchange: Exchange<F>, denial: Deny): void
  /** Tells the client something that is no answer, where the protocol can. */
  notice(text: string): void
  /** The connection of `side` now is encrypted. `channel` is RFC 5929 tls-server-end-point data, for SCRAM-PLUS. */
  secured(side: Side, tls: { readonly alpn: string | undefined; readonly certificate: Uint8Array | undefined }): void
  /** Answers a login: opens the upstream's side, or refuses. */
  admit(login: Login, admission: UpstreamLogin | Deny): void
  /** Ends the session from the gateway's side, telling the client why in the protocol's words. */
  close(denial: Deny): void
  /** The next run of bytes ready for `side`, in order; undefined when there are none. */
  transmit(side: Side): Uint8Array | undefined
  /**
   * Lets go of the chunks received from `side`, copying out what is not understood yet: they may be written over then.
   * False when something else still refers to them. A codec without it keeps them.
   */
  release?(side: Side): boolean
  /** What was transmitted to `side` has left: the memory that it was made in may be used again. */
  sent?(side: Side): void
  /** Bytes received from `side` and not yet understood or forwarded. */
  buffered(side: Side): number
  /** The key, minted here, by which another connection of this client may cancel; undefined until it was told. */
  readonly cancelKey: Uint8Array | undefined
  /** What to send on a new connection to the upstream to cancel what runs now; undefined when nothing runs. */
  cancellation(): Cancellation | undefined
}

/** How to ask the upstream to cancel: `request` on a fresh connection; before it, where TLS is used, `negotiate`. */
export interface Cancellation {
  readonly request: Uint8Array
  /**
   * Sent first when the upstream is to be reached over TLS; answered with the one byte `accept`, then the handshake.
   */
  readonly negotiate: { readonly ask: Uint8Array; readonly accept: number }
}
