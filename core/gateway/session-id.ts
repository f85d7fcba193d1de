import { randomFillSync } from "node:crypto"

const pool = new Uint8Array(16 * 256)
let used = pool.length

/** A UUID of version 7 (RFC 9562 §5.7): sorts by time, to the millisecond; 74 bits of it are random. */
export const sessionId = (now: number): string => {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const time = Math.floor(now).toString(16).padStart(12, "0")
  const random = Buffer.from(pool.buffer, used, 16).toString("hex")
  used += 16
  const variant = "89ab"[Number.parseInt(random[3]!, 16) & 3]!
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${
    random.slice(8, 20)
  }`
}
