import { describe, expect, it } from "vitest"
import { KeySet } from "../../../../plugins/services/oidc/key-set.ts"
import { TokenCache } from "../../../../plugins/services/oidc/token-cache.ts"

const keys = new KeySet([], [])

describe("cached tokens", () => {
  it("are 1,024 at most; the one used least recently goes first", () => {
    const cache = new TokenCache()
    cache.add("first", keys)
    cache.add("second", keys)
    for (let i = 0; i < 5000; i++) {
      cache.add(`token ${i}`, keys)
      expect(cache.has("first", keys)).toBe(true)
    }
    expect(cache.size).toBe(1024)
    expect(cache.has("second", keys)).toBe(false)
  })
  it("count for the keys that they were checked with, and no others", () => {
    const cache = new TokenCache()
    cache.add("token", keys)
    expect(cache.has("token", keys)).toBe(true)
    expect(cache.has("token", new KeySet([], []))).toBe(false)
    expect(cache.size).toBe(0)
  })
  it("are not kept in the clear", () => {
    const cache = new TokenCache()
    cache.add("canary", keys)
    expect(JSON.stringify([...(cache as unknown as { entries: Map<string, unknown> }).entries])).not.toContain("canary")
  })
})
