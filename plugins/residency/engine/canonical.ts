import { createHash } from "node:crypto"

/**
 * JSON with one spelling for each value (RFC 8785's order: keys by UTF-16 code units). What JSON cannot say is left out
 * in objects and null in lists, as `JSON.stringify` does.
 */
export const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  const members: Array<string> = []
  for (const key of Object.keys(value).toSorted()) {
    const member = (value as Record<string, unknown>)[key]
    if (member === undefined || typeof member === "function" || typeof member === "symbol") continue
    members.push(`${JSON.stringify(key)}:${canonical(member)}`)
  }
  return `{${members.join(",")}}`
}

/** SHA-256 of a text, in hex. */
export const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex")
