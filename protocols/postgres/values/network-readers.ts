import type { BinaryReader } from "./read-binary.ts"

const HEAD_BYTES = 4
const VERSION_4 = 2
const VERSION_6 = 3

/** `Byte(family) Byte(bits) Byte(is cidr) Byte(length) address`. */
const network = (isCidr: 0 | 1): BinaryReader => (bytes) => {
  const [family, bits, cidr, length] = bytes
  if (bytes.length < HEAD_BYTES || cidr !== isCidr || length !== bytes.length - HEAD_BYTES) return undefined
  if ((family !== VERSION_4 || length !== 4) && (family !== VERSION_6 || length !== 16)) return undefined
  if (bits! > length * 8) return undefined
  const address = length === 4 ? bytes.subarray(HEAD_BYTES).join(".") : version6(bytes.subarray(HEAD_BYTES))
  return isCidr === 0 && bits === length * 8 ? address : `${address}/${bits}`
}

/** The longest run of two or more zero groups, the first of several, is left out (RFC 5952). */
const version6 = (bytes: Buffer): string => {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16))
  let from = -1
  let length = 1
  for (let i = 0; i < 8; i++) {
    let to = i
    while (to < 8 && groups[to] === "0") to++
    if (to - i > length) [from, length] = [i, to - i]
  }
  if (from < 0) return groups.join(":")
  // As the server spells those of version 4 that stand in one of version 6.
  if (from === 0 && (length === 6 || (length === 7 && groups[7] !== "1") || (length === 5 && groups[5] === "ffff"))) {
    return `::${length === 5 ? "ffff:" : ""}${bytes.subarray(12).join(".")}`
  }
  return `${groups.slice(0, from).join(":")}::${groups.slice(from + length).join(":")}`
}

/** Addresses of hosts and networks. */
export const networkReaders: Readonly<Record<string, BinaryReader>> = { inet: network(0), cidr: network(1) }
