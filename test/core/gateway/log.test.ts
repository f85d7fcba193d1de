import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type LogOptions, openLog } from "../../../core/gateway/index.ts"

const lines = (options: Partial<LogOptions> = {}) => {
  const written: Array<string> = []
  const log = openLog({ level: "info", format: "json", write: (line) => written.push(line), now: () => 0, ...options })
  return { log, written }
}

describe("the log", () => {
  it("writes one JSON object a line, with what every line has", () => {
    const { log, written } = lines()
    let hash = "a"
    const own = log.with(() => ({ config: hash })).with({ pipeline: "orders" })
    own.info("opened", { port: 1, absent: undefined })
    hash = "b"
    own.warn("closed")
    own.debug("not shown")
    expect(written.map((line) => JSON.parse(line))).toEqual([
      { time: "1970-01-01T00:00:00.000Z", level: "info", message: "opened", config: "a", pipeline: "orders", port: 1 },
      { time: "1970-01-01T00:00:00.000Z", level: "warn", message: "closed", config: "b", pipeline: "orders" }
    ])
  })

  it("lets nothing in a message or a field forge a line or steer a terminal", () => {
    const text = fc.string({ unit: "binary" })
    const nasty = fc.oneof(text, fc.constantFrom("\n{}", "\u001b[2J", "\u202e", "\u2028", "\u009b31m", "\r"))
    fc.assert(
      fc.property(nasty, nasty, fc.constantFrom("json" as const, "pretty" as const), (message, value, format) => {
        const { log, written } = lines({ format })
        log.info(message, { value })
        const [line] = written
        const own = ["0", "2", "36"].reduce((text, code) => text.replaceAll(`\u001b[${code}m`, ""), line!).slice(0, -1)
        if (/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(own)) return false
        return format === "pretty" || JSON.parse(line!).value === value
      }),
      { numRuns: 2000 }
    )
  })

  it("does not mind when nobody can read it", () => {
    const { log } = lines({
      write: () => {
        throw new Error("EPIPE")
      }
    })
    expect(() => log.error("anything")).not.toThrow()
  })
})
