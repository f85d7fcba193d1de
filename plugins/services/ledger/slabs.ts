/** Bytes of one slab: some milliseconds of recorded answers. */
const SLAB_BYTES = 524_288
/** How many free slabs are kept for what comes next; they go one by one while nothing does. */
const FREE_MAX = 128

export interface Slab {
  readonly bytes: Buffer
  /** How many batches have bodies in it. */
  batches: number
}

const NONE: ReadonlyArray<Slab> = []
const EMPTY: Slab = { bytes: Buffer.alloc(0), batches: 1 }

/**
 * Where bodies that are bytes rest from their being taken until they are durable, when their batch gives the slabs
 * back. A fresh array for each body would cost more, by its collecting, than all else that is done with it.
 */
export class Slabs {
  private readonly free: Array<Buffer> = []
  /** Those of the batch in the making. */
  private touched: Array<Slab> = []
  /** The one that is being filled, and how far it is. */
  private slab: Slab = EMPTY
  private used = 0

  /** A copy of `bytes` that lasts until `release`. */
  keep(bytes: Uint8Array): Uint8Array {
    if (bytes.length > SLAB_BYTES) return Buffer.from(bytes)
    if (bytes.length > this.slab.bytes.length - this.used) {
      this.slab = { bytes: this.free.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES), batches: 0 }
      this.used = 0
    }
    if (this.touched.at(-1) !== this.slab) {
      this.slab.batches++
      this.touched.push(this.slab)
    }
    const at = this.used
    this.used += bytes.length
    this.slab.bytes.set(bytes, at)
    return this.slab.bytes.subarray(at, this.used)
  }

  /** The slabs of the batch in the making, which ends here. */
  cut(): ReadonlyArray<Slab> {
    const { touched } = this
    if (touched.length === 0) return NONE
    this.touched = []
    return touched
  }

  /** What lies in `slabs` belongs to the batch in the making again. */
  takeBack(slabs: ReadonlyArray<Slab>): void {
    this.touched.unshift(...slabs)
  }

  /** What lies in `slabs` is durable. */
  release(slabs: ReadonlyArray<Slab>): void {
    for (const slab of slabs) {
      if (--slab.batches > 0) continue
      if (slab === this.slab) this.used = 0
      else if (this.free.length < FREE_MAX) this.free.push(slab.bytes)
    }
  }

  /** Nothing was written for a while. */
  shrink(): void {
    this.free.pop()
    if (this.slab.batches === 0) this.slab = EMPTY
  }
}
