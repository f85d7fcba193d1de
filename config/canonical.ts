import { createHash } from "node:crypto"

/** JSON with sorted keys and no spaces: equal values give equal text. What JSON cannot say is left out. */
export const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(",")}]`
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined && typeof member !== "function")
    const sorted = members.toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
    return `{${sorted.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(",")}}`
  }
  return JSON.stringify(value) ?? "null"
}

/** SHA-256, in hex, of the canonical text of `value`. */
export const digest = (value: unknown): string => createHash("sha256").update(canonical(value)).digest("hex")
