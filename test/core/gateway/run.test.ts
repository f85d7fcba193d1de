import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { pluginError } from "../../../core/exchange/index.ts"
import { Clock } from "../../../core/gateway/clock.ts"
import { Runner } from "../../../core/gateway/run.ts"
import { sessionId } from "../../../core/gateway/session-id.ts"
import type { RunResult } from "../../../core/relay/index.ts"
import { eventually } from "../../fixtures/line-gateway.ts"

const runner = (): {
  readonly runner: Runner
  readonly results: Array<RunResult<unknown>>
  readonly note: (result: RunResult<unknown>) => void
} => {
  const results: Array<RunResult<unknown>> = []
  return { runner: new Runner(Context.empty()), results, note: (result) => void results.push(result) }
}

describe("running an effect for a session", () => {
  it("reports at once what needs no waiting, and waits for nothing", () => {
    const { note, results, runner: { run, waits } } = runner()
    run(Effect.succeed(1), note)
    run(Effect.fail(pluginError("x", "no")), note)
    run(
      Effect.gen(function*() {
        return (yield* Effect.succeed(1)) + (yield* Effect.sync(() => 1))
      }),
      note
    )
    expect(results).toMatchObject([{ ok: true, value: 1 }, { ok: false, error: { message: "no" } }, {
      ok: true,
      value: 2
    }])
    expect(waits).toEqual({ open: 0, total: 0 })
  })

  it("reports later what had to wait", async () => {
    const { note, results, runner: { run, waits } } = runner()
    run(Effect.sleep(1).pipe(Effect.as("late")), note)
    expect(results).toEqual([])
    expect(waits).toEqual({ open: 1, total: 1 })
    await eventually("it is reported", () => results.length === 1)
    expect(results).toEqual([{ ok: true, value: "late" }])
    expect(waits.open).toBe(0)
  })

  it("makes a failure of what throws, without its words", async () => {
    const { note, results, runner: { run } } = runner()
    run(Effect.die(new Error("a secret 4711")), note)
    run(Effect.sleep(1).pipe(Effect.andThen(Effect.die("4711"))), note)
    await eventually("both are reported", () => results.length === 2)
    for (const result of results) {
      if (result.ok) throw new Error("not a failure")
      expect(result.error.plugin).toBe("gateway")
      expect(result.error.message).not.toContain("4711")
    }
  })

  it("reports nothing once it was stopped, and releases what was held", async () => {
    const { note, results, runner: { run, waits } } = runner()
    let released = false
    const stop = run(
      Effect.never.pipe(Effect.onInterrupt(() =>
        Effect.sync(() => {
          released = true
        })
      )),
      note
    )
    stop()
    await eventually("it is released", () => released && waits.open === 0)
    expect(results).toEqual([])
  })

  it("leaves nothing behind when it closes", async () => {
    const { note, runner: { close, run, waits } } = runner()
    for (let i = 0; i < 20; i++) run(Effect.never, note)
    expect(waits.open).toBe(20)
    await Effect.runPromise(close)
    expect(waits.open).toBe(0)
  })
})

describe("a session's id", () => {
  it("is a UUID of version 7 that sorts by time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 2 }), (at) => {
        const [one, other] = [sessionId(at), sessionId(at + 1)]
        const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
        return shape.test(one) && one < other && Number.parseInt(one.replace("-", "").slice(0, 12), 16) === at
      }),
      { numRuns: 1000 }
    )
    expect(new Set(Array.from({ length: 10_000 }, () => sessionId(5))).size).toBe(10_000)
  })
})

describe("the clock", () => {
  it("is the system's, and finer", () => {
    const { now } = new Clock()
    expect(Math.abs(now() - Date.now())).toBeLessThan(1000)
    expect(Array.from({ length: 100 }, now).some((time) => !Number.isInteger(time))).toBe(true)
  })
})
