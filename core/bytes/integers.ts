/** Big-endian integers, as nearly every network protocol writes them. The caller has checked the bounds. */

export const readUint16 = (from: Uint8Array, at: number): number => (from[at]! << 8) | from[at + 1]!

export const readInt16 = (from: Uint8Array, at: number): number => (readUint16(from, at) << 16) >> 16

export const readInt32 = (from: Uint8Array, at: number): number =>
  (from[at]! << 24) | (from[at + 1]! << 16) | (from[at + 2]! << 8) | from[at + 3]!

export const readUint32 = (from: Uint8Array, at: number): number => readInt32(from, at) >>> 0

export const writeInt16 = (to: Uint8Array, at: number, value: number): void => {
  to[at] = value >>> 8
  to[at + 1] = value
}

export const writeInt32 = (to: Uint8Array, at: number, value: number): void => {
  to[at] = value >>> 24
  to[at + 1] = value >>> 16
  to[at + 2] = value >>> 8
  to[at + 3] = value
}
