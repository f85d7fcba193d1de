/**
 * A stretch of a received chunk.
 *
 * Nobody rewrites a chunk that is still referred to, so a wire stays true until its owner lets go of its chunks.
 * Holding one keeps its whole chunk alive: copy what must outlive the exchange it belongs to.
 */
export interface Wire {
  readonly chunk: Uint8Array
  /** Offset of the first byte in `chunk`. */
  readonly start: number
  /** Offset after the last byte in `chunk`. */
  readonly end: number
}

/**
 * The bytes of `wire` as a view on its chunk: nothing is copied. Costs about 60 ns, so not for every field of a row.
 */
export const viewOf = (wire: Wire): Uint8Array =>
  new Uint8Array(wire.chunk.buffer, wire.chunk.byteOffset + wire.start, wire.end - wire.start)
