import type { ValueType } from "../../../core/family/sql/index.ts"
import type { Digest } from "./keyed.ts"
import type { Operator } from "./operator.ts"
import { classOf } from "./value-class.ts"

const MILLIONTHS = 1_000_000n

/**
 * `use: noise`: a number off by up to `percent` of itself, never by nothing. How much hangs on the key and the value,
 * so that asking again tells nothing more.
 */
export const noise = (digest: Digest, percent: number, constant: string): Operator => ({
  use: "noise",
  fixed: false,
  constant,
  of: (text, type) => {
    switch (classOf(type)) {
      case "integer":
        return String(disturbed(BigInt(text), digest.of(text), percent))
      case "numeric":
        return decimal(text, digest.of(text), percent, type)
      case "float": {
        const value = type.name === "float4" ? Math.fround(Number(text)) : Number(text)
        const off = 1 + share(digest.of(String(value))) * percent / 100
        return Number.isFinite(value) ? String(value * off || 0) : undefined
      }
      default:
        return undefined
    }
  }
})

/** -1 to 1, and never so near to 0 that the value shows through. */
const share = (mac: Buffer): number => (0.1 + 0.9 * mac.readUIntBE(0, 6) / 2 ** 48) * (mac[6]! % 2 === 0 ? 1 : -1)

const disturbed = (value: bigint, mac: Buffer, percent: number): bigint => {
  const magnitude = value < 0n ? -value : value
  const widest = magnitude * BigInt(Math.round(percent * 10_000)) / MILLIONTHS
  const off = widest * BigInt(Math.round(Math.abs(share(mac)) * 1e6)) / MILLIONTHS
  return value + (off === 0n ? 1n : off) * (share(mac) < 0 ? -1n : 1n)
}

/** With as many digits behind the point as it came with. */
const decimal = (text: string, mac: Buffer, percent: number, { precision }: ValueType): string | undefined => {
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(text)
  if (match === null) return undefined
  const scale = match[3]?.length ?? 0
  const made = disturbed(BigInt(match[1]! + match[2]! + (match[3] ?? "")), mac, percent)
  const digits = String(made < 0n ? -made : made).padStart(scale + 1, "0")
  if (precision !== undefined && digits.length > precision) return undefined
  const point = digits.length - scale
  return `${made < 0n ? "-" : ""}${digits.slice(0, point)}${scale === 0 ? "" : `.${digits.slice(point)}`}`
}
