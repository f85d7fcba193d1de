/** Registers of a dense sketch: 2^14, a standard error of 1.04 / √16384 = 0.81 %. */
const bits = 14
const registers = 1 << bits
/** Bits of a digest that are left to count leading zeros in. */
const rest = 53 - bits
/** Up to so many digests are kept as they are, and counted exactly. */
export const exactMax = 1024

/** A sketch as it is stored. */
export type StoredSketch =
  | { readonly exact: ReadonlyArray<number> }
  /** Base64 of the registers, a byte each. */
  | { readonly registers: string }

/**
 * How many distinct values were added: exactly up to 1,024; beyond, HyperLogLog (Flajolet et al. 2007) with Ertl's
 * improved estimator (arXiv:1702.01284, algorithm 6), which needs no correction for small or large counts. Standard
 * error 0.81 %; merging loses nothing. 16 KiB when dense. Values are digests of 53 bits, see `hash53`.
 */
export class Sketch {
  private exact: Set<number> | undefined = new Set()
  private dense: Uint8Array | undefined
  /** How many registers hold each value. */
  private readonly histogram = new Uint32Array(rest + 2)
  private estimated = 0

  get count(): number {
    return this.exact === undefined ? this.estimated : this.exact.size
  }

  /** Whether adding `digest` would change nothing. */
  has(digest: number): boolean {
    if (this.exact !== undefined) return this.exact.has(digest)
    return (this.dense as Uint8Array)[digest % registers]! >= rankOf(digest)
  }

  /** True when the sketch changed. */
  add(digest: number): boolean {
    if (this.exact !== undefined) {
      if (this.exact.has(digest)) return false
      this.exact.add(digest)
      if (this.exact.size > exactMax) this.densify()
      return true
    }
    if (!this.raise(digest % registers, rankOf(digest))) return false
    this.estimated = estimate(this.histogram)
    return true
  }

  copy(): Sketch {
    const copy = new Sketch()
    if (this.exact === undefined) copy.densify()
    copy.merge(this)
    return copy
  }

  merge(other: Sketch): void {
    if (other.exact !== undefined) {
      for (const digest of other.exact) this.add(digest)
      return
    }
    if (this.exact !== undefined) this.densify()
    const theirs = other.dense as Uint8Array
    for (let i = 0; i < registers; i++) this.raise(i, theirs[i] as number)
    this.estimated = estimate(this.histogram)
  }

  toStored(): StoredSketch {
    if (this.exact !== undefined) return { exact: [...this.exact].toSorted((a, b) => a - b) }
    return { registers: Buffer.from(this.dense as Uint8Array).toString("base64") }
  }

  /** Undefined when it is not a sketch. */
  static from(stored: StoredSketch): Sketch | undefined {
    const sketch = new Sketch()
    if ("exact" in stored) {
      if (!Array.isArray(stored.exact) || !stored.exact.every((one) => Number.isSafeInteger(one) && one >= 0)) {
        return undefined
      }
      for (const digest of stored.exact as ReadonlyArray<number>) sketch.add(digest)
      return sketch
    }
    if (typeof stored.registers !== "string") return undefined
    const dense = Buffer.from(stored.registers, "base64")
    if (dense.length !== registers || dense.some((rank) => rank > rest + 1)) return undefined
    sketch.densify()
    for (let i = 0; i < registers; i++) sketch.raise(i, dense[i] as number)
    sketch.estimated = estimate(sketch.histogram)
    return sketch
  }

  private densify(): void {
    const digests = this.exact ?? new Set()
    this.exact = undefined
    this.dense = new Uint8Array(registers)
    this.histogram[0] = registers
    for (const digest of digests) this.raise(digest % registers, rankOf(digest))
    this.estimated = estimate(this.histogram)
  }

  private raise(index: number, rank: number): boolean {
    const dense = this.dense as Uint8Array
    const before = dense[index] as number
    if (before >= rank) return false
    dense[index] = rank
    this.histogram[before]! -= 1
    this.histogram[rank]! += 1
    return true
  }
}

/** One more than the leading zeros of the digest's upper bits. */
const rankOf = (digest: number): number => {
  const upper = Math.floor(digest / registers)
  return upper === 0 ? rest + 1 : rest - Math.floor(Math.log2(upper))
}

const estimate = (histogram: Uint32Array): number => {
  let z = registers * tau(1 - (histogram[rest + 1] as number) / registers)
  for (let k = rest; k >= 1; k--) z = 0.5 * (z + (histogram[k] as number))
  z += registers * sigma((histogram[0] as number) / registers)
  return (registers * registers) / (2 * Math.LN2 * z)
}

const sigma = (start: number): number => {
  if (start === 1) return Number.POSITIVE_INFINITY
  let [x, y, z] = [start, 1, start]
  for (;;) {
    x *= x
    const before = z
    z += x * y
    y += y
    if (z === before) return z
  }
}

const tau = (start: number): number => {
  if (start === 0 || start === 1) return 0
  let [x, y, z] = [start, 1, 1 - start]
  for (;;) {
    x = Math.sqrt(x)
    const before = z
    y *= 0.5
    z -= (1 - x) ** 2 * y
    if (z === before) return z / 3
  }
}
