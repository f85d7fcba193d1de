import type { Wire } from "../../core/bytes/index.ts"
import type { CopyPiece, Sql } from "../../core/family/sql/index.ts"
import type { Event } from "../../core/protocol/index.ts"
import { FAILING } from "./failing.ts"
import { encodeBare } from "./messages/bare.ts"
import { encodeCopyFail } from "./messages/copy-fail.ts"
import { Frontend } from "./messages/message-types.ts"
import type { Owed } from "./owed.ts"
import { isBare } from "./settling.ts"
import type { State } from "./state.ts"

/** A piece of COPY FROM STDIN as it lies in one CopyData message. */
export class WirePiece implements CopyPiece {
  readonly kind = "copy"
  wire: Wire = { chunk: new Uint8Array(0), start: 0, end: 0 }

  get bytes(): Uint8Array {
    const { chunk, start, end } = this.wire
    return new Uint8Array(chunk.buffer, chunk.byteOffset + start + 5, end - start - 5)
  }
}

/**
 * COPY FROM STDIN (PostgreSQL manual 54.2.7).
 *
 * | state | entered by | CopyData | CopyDone, CopyFail | Flush, Sync | anything else |
 * |---|---|---|---|---|---|
 * | none | | held while an answer is owed, then a violation | held the same, then ignored | as ever | as ever |
 * | open | CopyInResponse | Input | sent on; none | ignored | violation |
 * | draining | an error or a refusal amid it | discarded | discarded; none | none | none |
 */
export class CopyIn {
  private readonly piece = new WirePiece()
  private readonly state: State
  /** Whose data is being sent. */
  owed: Owed | undefined
  draining = false

  constructor(state: State) {
    this.state = state
  }

  get open(): boolean {
    return this.owed !== undefined
  }

  /** The upstream takes data for `owed`. */
  begin(owed: Owed): void {
    this.owed = owed
    this.draining = false
  }

  /** The client ended it. */
  done(): void {
    this.owed = undefined
    this.draining = false
  }

  /** It broke before the client ended it: what the client has already sent is not for anyone. */
  broken(): void {
    if (this.owed === undefined) return
    this.owed = undefined
    this.draining = true
  }

  /** A piece was refused: the upstream gives the whole of it up. */
  fail(): void {
    encodeCopyFail(this.state.outbox.upstream, FAILING)
    this.broken()
  }

  /** What the client sends while it is open. */
  take(type: number, wire: Wire): Event<Sql> | undefined {
    const { state } = this
    const owed = this.owed!
    switch (type) {
      case Frontend.CopyData:
        this.piece.wire = wire
        if (owed.exchange === undefined) return state.malformed()
        state.waiting = true
        return { _tag: "Input", input: this.piece, exchange: owed.exchange }
      case Frontend.CopyDone:
        if (!isBare(wire)) return state.malformed()
        this.done()
        encodeBare(state.outbox.upstream, Frontend.CopyDone)
        return undefined
      case Frontend.CopyFail:
        state.reader.over(wire).text()
        if (!state.reader.complete) return state.malformed()
        this.done()
        encodeCopyFail(state.outbox.upstream, state.reader.garbled ? "" : state.reader.over(wire).text())
        return undefined
      case Frontend.Flush:
      case Frontend.Sync:
        return isBare(wire) ? undefined : state.malformed()
      default:
        return state.violate("downstream", "unexpected_message", "A message other than COPY data was sent into a COPY.")
    }
  }

  /** The piece that was told last passes. */
  forward(): void {
    const { state } = this
    state.waiting = false
    if (!this.open) return
    state.outbox.upstream.pushWire(this.piece.wire)
  }

  /**
   * What a client sent into a COPY that had already failed is discarded, as PostgreSQL does. So is an end of a COPY
   * that there is none of: it carries nothing, and some drivers send CopyFail after CopyDone.
   */
  drain(type: number): Event<Sql> | undefined {
    const { state } = this
    if (type !== Frontend.CopyData) {
      this.done()
      return undefined
    }
    if (this.draining || state.skipping) return undefined
    return state.violate("downstream", "unexpected_message", "COPY data was sent outside a COPY.")
  }
}
