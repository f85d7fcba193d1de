const primes = (count: number): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n)
  return found
}
const fraction = (value: number): number => Math.floor((value - Math.floor(value)) * 2 ** 32) | 0
const constants = Int32Array.from(primes(64), (p) => fraction(Math.cbrt(p)))
const initial = Int32Array.from(primes(8), (p) => fraction(Math.sqrt(p)))
const turnRight = (x: number, n: number): number => (x >>> n) | (x << (32 - n))

/**
 * SHA-256 (FIPS 180-4) of a short message, for the checksum of a wallet's address. The room imports nothing, not even
 * Node's own modules, so that it runs wherever JavaScript does; for anything longer or secret, use those.
 */
export const sha256 = (message: Uint8Array): Uint8Array => {
  const padded = new Uint8Array(((message.length + 8) >> 6 << 6) + 64)
  padded.set(message)
  padded[message.length] = 128
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 4, message.length * 8)
  const state = initial.slice()
  for (let at = 0; at < padded.length; at += 64) block(view, at, state)
  const digest = new DataView(new ArrayBuffer(32))
  state.forEach((word, i) => digest.setInt32(i * 4, word))
  return new Uint8Array(digest.buffer)
}

const block = (view: DataView, at: number, state: Int32Array): void => {
  const words = new Int32Array(64)
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4)
  for (let i = 16; i < 64; i++) {
    const a = words[i - 15]!
    const b = words[i - 2]!
    const small = turnRight(a, 7) ^ turnRight(a, 18) ^ (a >>> 3)
    const large = turnRight(b, 17) ^ turnRight(b, 19) ^ (b >>> 10)
    words[i] = (words[i - 16]! + small + words[i - 7]! + large) | 0
  }
  let [a, b, c, d, e, f, g, h] = [...state] as [number, number, number, number, number, number, number, number]
  for (let i = 0; i < 64; i++) {
    const choice = (turnRight(e, 6) ^ turnRight(e, 11) ^ turnRight(e, 25)) + ((e & f) ^ (~e & g))
    const first = (h + choice + constants[i]! + words[i]!) | 0
    const second = (turnRight(a, 2) ^ turnRight(a, 13) ^ turnRight(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0]
  }
  ;[a, b, c, d, e, f, g, h].forEach((value, i) => state[i] = (state[i]! + value) | 0)
}
