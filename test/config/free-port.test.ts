import { describe, expect, it } from "vitest"
import { freePort } from "../../config/demo/free-port.ts"

describe("a free port", () => {
  it("is never named twice, nor taken from what outgoing connections use", async () => {
    const ports = await Promise.all(Array.from({ length: 500 }, () => freePort()))
    expect(new Set(ports).size).toBe(500)
    expect(ports.every((port) => port >= 20_000 && port < 32_768)).toBe(true)
  })
})
