import { classAt, runEnd, startsWith, WORD } from "./bytes.ts"
import { sha256 } from "./sha256.ts"

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
const bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]

/** Where the wallet's address that begins at `at`, the start of a word, ends, or -1. */
export const walletEnd = (bytes: Uint8Array, at: number): number => {
  const end = runEnd(bytes, at, WORD)
  const length = end - at
  if (length < 26 || length > 90) return -1
  const first = bytes[at]
  if ((first === 49 || first === 51) && length <= 35) return isBase58Check(bytes, at, end) ? end : -1
  if (first === 48 && bytes[at + 1] === 120 && length === 42) return isHex(bytes, at + 2, end) ? end : -1
  const prefix = startsWith(bytes, at, "bc1")
    ? 2
    : startsWith(bytes, at, "tb1") || startsWith(bytes, at, "ltc1")
    ? 2
    : 0
  return prefix > 0 && isBech32(bytes, at, end) ? end : -1
}

const isHex = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let i = from; i < to; i++) if ((classAt(bytes, i) & 4) === 0) return false
  return true
}

/** Twenty-five bytes in base 58, the last four the beginning of a double SHA-256 of the others. */
const isBase58Check = (bytes: Uint8Array, from: number, to: number): boolean => {
  const decoded = new Uint8Array(25)
  for (let i = from; i < to; i++) {
    let carry = base58.indexOf(String.fromCharCode(bytes[i]!))
    if (carry < 0) return false
    for (let k = 24; k >= 0; k--) {
      carry += decoded[k]! * 58
      decoded[k] = carry & 255
      carry >>= 8
    }
    if (carry > 0) return false
  }
  const check = sha256(sha256(decoded.subarray(0, 21)))
  return [0, 1, 2, 3].every((i) => check[i] === decoded[21 + i])
}

/** BIP 173, and its amendment BIP 350: one case, and a checksum of thirty bits. */
const isBech32 = (bytes: Uint8Array, from: number, to: number): boolean => {
  const text = String.fromCharCode(...bytes.subarray(from, to))
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) return false
  const plain = text.toLowerCase()
  const cut = plain.lastIndexOf("1")
  const values = Array.from(plain.slice(0, cut), (character) => character.charCodeAt(0))
  const data = Array.from(plain.slice(cut + 1), (character) => bech32.indexOf(character))
  if (data.includes(-1) || data.length < 6) return false
  let check = 1
  for (const value of [...values.map((v) => v >> 5), 0, ...values.map((v) => v & 31), ...data]) {
    const top = check >>> 25
    check = ((check & 0x1ffffff) << 5) ^ value
    for (let i = 0; i < 5; i++) if (((top >> i) & 1) === 1) check ^= generator[i]!
  }
  return check === 1 || check === 0x2bc830a3
}
