const NONE = new Uint8Array(0)
const NOTHING = new DataView(new ArrayBuffer(0))

/** From so many bytes on, a view and one call of the engine's own copying are cheaper than our loop. */
const LONG_BYTES = 128

/**
 * Copies many short stretches from one array to another, eight bytes at a time: a byte loop takes three times as long
 * for the forty bytes between two masks, and `set` needs a view, which costs more than copying them.
 *
 * The two arrays are remembered from call to call, because rows of one chunk go into one slab.
 */
export class Splicer {
  private source: Uint8Array = NONE
  private target: Uint8Array = NONE
  private sourceView: DataView = NOTHING
  private targetView: DataView = NOTHING

  /** Copies `from[start, end)` to `to` at `at`; returns the offset after the last byte written. */
  copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
    if (end - start >= LONG_BYTES) {
      to.set(new Uint8Array(from.buffer, from.byteOffset + start, end - start), at)
      return at + end - start
    }
    if (this.source !== from) {
      this.source = from
      this.sourceView = new DataView(from.buffer, from.byteOffset, from.length)
    }
    if (this.target !== to) {
      this.target = to
      this.targetView = new DataView(to.buffer, to.byteOffset, to.length)
    }
    const { sourceView, targetView } = this
    let left = start
    for (; left + 8 <= end; left += 8, at += 8) targetView.setBigInt64(at, sourceView.getBigInt64(left, true), true)
    while (left < end) to[at++] = from[left++]!
    return at
  }
}
