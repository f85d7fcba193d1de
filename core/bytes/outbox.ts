import { borrowSlab, giveBackSlab, NO_SLAB } from "./slab-pool.ts"
import type { Wire } from "./wire.ts"

interface Part {
  readonly chunk: Uint8Array
  readonly start: number
  end: number
}

/**
 * Bytes ready to leave.
 *
 * Neighbouring wires of one chunk leave as one view, so traffic that nobody touched is never copied. Messages that are
 * made here are written into slabs, each byte once, so rewritten neighbours coalesce just as untouched ones do. A slab
 * is borrowed, and given back once `sent` says that what lay in it has left: a session that is quiet holds none.
 */
export class Outbox {
  private readonly parts: Array<Part> = []
  private slab: Buffer = NO_SLAB
  private used = 0
  /** How many bytes wait. */
  length = 0
  /** Where the room given by the last `reserve` starts in its slab. */
  reservedAt = 0

  push(chunk: Uint8Array, start = 0, end = chunk.length): void {
    if (end === start) return
    this.length += end - start
    const last = this.parts[this.parts.length - 1]
    if (last !== undefined && last.chunk === chunk && last.end === start) last.end = end
    else this.parts.push({ chunk, start, end })
  }

  pushWire(wire: Wire): void {
    this.push(wire.chunk, wire.start, wire.end)
  }

  /** Room for `size` bytes that the caller writes at once, at `reservedAt` of the slab that is returned. */
  reserve(size: number): Uint8Array {
    const slab = this.room(size)
    this.commit(size)
    return slab
  }

  /** As `reserve`, and what is written there leaves only after `commit`. */
  room(size: number): Uint8Array {
    if (this.slab.length - this.used < size) {
      this.slab = borrowSlab(size, this.slab)
      this.used = 0
    }
    this.reservedAt = this.used
    return this.slab
  }

  /** The first `size` bytes of the last `room` leave, in their turn. */
  commit(size: number): void {
    this.push(this.slab, this.used, this.used + size)
    this.used += size
  }

  /** The next run of bytes, or undefined when none wait. */
  shift(): Uint8Array | undefined {
    // Nearly always there is one part or none: taking it off the end moves nothing.
    const { parts } = this
    if (parts.length === 0) return undefined
    const part = (parts.length === 1 ? parts.pop() : parts.shift())!
    this.length -= part.end - part.start
    const { chunk, end, start } = part
    // As what it is: sockets and slabs yield Buffers, and sockets would make one of anything else.
    return start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end)
  }

  /** Nobody reads any more what was shifted so far: the slab that it was made in may be written over. */
  sent(): void {
    if (this.slab === NO_SLAB || this.parts.length > 0) return
    giveBackSlab(this.slab)
    this.slab = NO_SLAB
    this.used = 0
  }

  clear(): void {
    this.parts.length = 0
    this.length = 0
  }
}
