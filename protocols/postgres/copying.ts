import type { Wire } from "../../core/bytes/index.ts"
import type { CopyPiece } from "../../core/family/sql/index.ts"
import type { Owed } from "./owed.ts"

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
  readonly piece = new WirePiece()
  /** Whose data is being sent. */
  owed: Owed | undefined
  draining = false

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
}
