import { type Cipheriv, createCipheriv } from "node:crypto"

const BLOCK = 16
const ROUNDS = 10

/**
 * FF1 (NIST SP 800-38G, algorithms 7 and 8): a keyed permutation of the numbers of `length` digits in `radix`.
 *
 * Numbers stand for numeral strings, most significant digit first. FF3 is not here: it was broken, and withdrawn.
 */
export class Ff1 {
  private readonly aes: Cipheriv
  private readonly domain: Domain
  /** AES of the block that every round starts with. */
  private readonly start: Buffer
  private readonly tweak: Uint8Array

  constructor(key: Uint8Array, radix: number, length: number, tweak: Uint8Array) {
    this.aes = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false)
    this.domain = domainOf(radix, length)
    this.tweak = tweak
    const head = Buffer.from([1, 2, 1, 0, 0, 0, ROUNDS, this.domain.u & 0xff, 0, 0, 0, 0, 0, 0, 0, 0])
    head.writeUIntBE(radix, 3, 3)
    head.writeUInt32BE(length, 8)
    head.writeUInt32BE(tweak.length, 12)
    this.start = this.aes.update(head)
  }

  encrypt(value: bigint): bigint {
    const { low, lowSize, highSize } = this.domain
    let a = value / low
    let b = value % low
    for (let round = 0; round < ROUNDS; round++) {
      const c = (a + this.pseudorandom(round, b)) % (round % 2 === 0 ? highSize : lowSize)
      a = b
      b = c
    }
    return a * low + b
  }

  decrypt(value: bigint): bigint {
    const { low, lowSize, highSize } = this.domain
    let a = value / low
    let b = value % low
    for (let round = ROUNDS - 1; round >= 0; round--) {
      const size = round % 2 === 0 ? highSize : lowSize
      const c = (((b - this.pseudorandom(round, a)) % size) + size) % size
      b = a
      a = c
    }
    return a * low + b
  }

  /** Steps 6i to 6iv: CBC-MAC over tweak, round and half, stretched to the `d` bytes that are wanted. */
  private pseudorandom(round: number, half: bigint): bigint {
    const { halfBytes, wantedBytes } = this.domain
    const { tweak } = this
    const size = Math.ceil((tweak.length + halfBytes + 1) / BLOCK) * BLOCK
    const text = Buffer.alloc(size)
    text.set(tweak)
    text[size - halfBytes - 1] = round
    if (halfBytes > 0) text.write(half.toString(16).padStart(halfBytes * 2, "0"), size - halfBytes, "hex")
    let mac = this.start
    for (let at = 0; at < size; at += BLOCK) {
      for (let i = 0; i < BLOCK; i++) text[at + i]! ^= mac[i]!
      mac = this.aes.update(text.subarray(at, at + BLOCK))
    }
    let hex = mac.toString("hex")
    for (let j = 1; hex.length < wantedBytes * 2; j++) {
      const block = Buffer.from(mac)
      block.writeUInt32BE((block.readUInt32BE(12) ^ j) >>> 0, 12)
      hex += this.aes.update(block).toString("hex")
    }
    return BigInt(`0x${hex.slice(0, wantedBytes * 2)}`)
  }
}

interface Domain {
  readonly u: number
  /** What divides a number into its halves: radix to the length of the second. */
  readonly low: bigint
  /** radix^u and radix^v: what even and odd rounds are taken modulo of. */
  readonly highSize: bigint
  readonly lowSize: bigint
  /** `b` and `d` of the standard. */
  readonly halfBytes: number
  readonly wantedBytes: number
}

const domainOf = (radix: number, length: number): Domain => {
  const u = Math.floor(length / 2)
  const v = length - u
  const low = BigInt(radix) ** BigInt(v)
  const halfBytes = Math.ceil((low - 1n).toString(2).length / 8)
  return {
    u,
    low,
    highSize: BigInt(radix) ** BigInt(u),
    lowSize: low,
    halfBytes,
    wantedBytes: 4 * Math.ceil(halfBytes / 4) + 4
  }
}
