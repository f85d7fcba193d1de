import type { Wire } from "./wire.ts"

const EMPTY = new Uint8Array(0)

/**
 * Bytes received and not yet understood.
 *
 * Never rewrites a chunk: a message that straddles several is gathered into a fresh one, once, and by itself. `length`
 * is what the owner's limit is checked against; nothing is allocated on the word of a length field alone.
 */
export class Inbox {
  private chunk: Uint8Array = EMPTY
  private start = 0
  private readonly later: Array<Uint8Array> = []
  /** How many bytes are here. */
  length = 0
  /** The chunk that the last `skim` took from. */
  taken: Uint8Array = EMPTY

  /** Takes ownership of `chunk`. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.length += chunk.length
    if (this.start === this.chunk.length) {
      this.chunk = chunk
      this.start = 0
    } else this.later.push(chunk)
  }

  /** The byte at `offset`. The caller has checked that it is here. */
  byte(offset: number): number {
    const at = this.start + offset
    if (at < this.chunk.length) return this.chunk[at]!
    let left = at - this.chunk.length
    for (const part of this.later) {
      if (left < part.length) return part[left]!
      left -= part.length
    }
    return 0
  }

  /** The unsigned 32-bit big-endian integer at `offset`. The caller has checked that it is here. */
  uint32(offset: number): number {
    const at = this.start + offset
    const { chunk } = this
    if (at + 4 <= chunk.length) {
      return chunk[at]! * 0x1000000 + ((chunk[at + 1]! << 16) | (chunk[at + 2]! << 8) | chunk[at + 3]!)
    }
    return this.byte(offset) * 0x1000000
      + ((this.byte(offset + 1) << 16) | (this.byte(offset + 2) << 8) | this.byte(offset + 3))
  }

  /** Removes and returns the first `count` bytes as one wire. The caller has checked that they are here. */
  take(count: number): Wire {
    if (this.chunk.length - this.start < count) this.gather(count)
    const wire: Wire = { chunk: this.chunk, start: this.start, end: this.start + count }
    this.start += count
    this.length -= count
    if (this.start === this.chunk.length) this.advance()
    return wire
  }

  /**
   * As `take`, without a wire: returns where the bytes start in `taken`. For rows, of which there are so many that an
   * object for each would show.
   */
  skim(count: number): number {
    if (this.chunk.length - this.start < count) this.gather(count)
    const { chunk, start } = this
    if (this.taken !== chunk) this.taken = chunk
    this.start = start + count
    this.length -= count
    if (this.start === chunk.length) this.advance()
    return start
  }

  /** The chunk that the next bytes lie in, from `front` on: as many of them as came together. */
  get frontChunk(): Uint8Array {
    return this.chunk
  }

  get front(): number {
    return this.start
  }

  /** Copies what is left out of the chunks that were pushed: they may be written over from here on. */
  detach(): void {
    if (this.length > 0) this.gather(this.length)
    else this.chunk = EMPTY
    this.taken = EMPTY
    this.start = 0
  }

  /** Forgets everything, and says how much that was. */
  clear(): number {
    const { length } = this
    this.chunk = this.taken = EMPTY
    this.start = 0
    this.later.length = 0
    this.length = 0
    return length
  }

  private advance(): void {
    this.chunk = this.later.shift() ?? EMPTY
    this.start = 0
  }

  /** Puts the first `count` bytes into a chunk of their own; what follows them stays where it is. */
  private gather(count: number): void {
    const whole = new Uint8Array(count)
    const { chunk, later, start } = this
    let at = Math.min(chunk.length - start, count)
    whole.set(chunk.subarray(start, start + at))
    while (at < count) {
      const part = later[0]!
      const used = Math.min(part.length, count - at)
      whole.set(part.subarray(0, used), at)
      at += used
      if (used === part.length) later.shift()
      else later[0] = part.subarray(used)
    }
    this.chunk = whole
    this.start = 0
  }
}
