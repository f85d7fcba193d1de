import { hash } from "node:crypto"
import type { KeySet } from "./key-set.ts"

/** How many tokens are remembered. */
const ENTRIES_MAX = 1024

/**
 * Tokens whose signature was checked, so that a repeated login costs no public-key operation. Keyed by SHA-256: no
 * token is kept. An entry counts only while the keys it was checked with are the current ones; claims and times are
 * checked again at every use. The least recently used of 1,024 goes first.
 */
export class TokenCache {
  private readonly entries = new Map<string, KeySet>()

  get size(): number {
    return this.entries.size
  }

  has(token: string, keys: KeySet): boolean {
    const digest = digestOf(token)
    const by = this.entries.get(digest)
    if (by === undefined) return false
    this.entries.delete(digest)
    if (by !== keys) return false
    this.entries.set(digest, by)
    return true
  }

  add(token: string, keys: KeySet): void {
    this.entries.set(digestOf(token), keys)
    if (this.entries.size > ENTRIES_MAX) this.entries.delete(this.entries.keys().next().value!)
  }
}

const digestOf = (token: string): string => hash("sha256", token, "base64")
