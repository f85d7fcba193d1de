import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import type * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"
import { keepFetched } from "../../../../plugins/services/oidc/keep-fresh.ts"
import { type KeyFeed, makeKeyFeed } from "../../../../plugins/services/oidc/key-feed.ts"
import { ecKey } from "./forge.ts"

const one = JSON.stringify({ keys: [ecKey("one").jwk] })
const two = JSON.stringify({ keys: [ecKey("two").jwk] })

/** An issuer that is asked by the feed: what it answers now, how long that takes, and how often it was asked. */
interface Asked {
  answer: string | undefined
  takes: number
  times: number
}
const asked = (answer: string | undefined, takes = 0): Asked => ({ answer, takes, times: 0 })

const feedOf = (from: Asked, options: { keepSeconds?: number; betweenSeconds?: number } = {}) =>
  makeKeyFeed({
    issuer: "https://login.example.com",
    source: Effect.suspend(() => {
      from.times++
      const { answer } = from
      return Effect.delay(answer === undefined ? Effect.fail("it is down") : Effect.succeed(answer), from.takes)
    }),
    keepMilliseconds: (options.keepSeconds ?? 3600) * 1000,
    betweenMilliseconds: (options.betweenSeconds ?? 30) * 1000
  })

const run = <A, E>(test: Effect.Effect<A, E, Scope.Scope>): Promise<A> =>
  Effect.runPromise(
    Effect.scoped(test).pipe(
      Effect.provide(Layer.mergeAll(TestClock.layer(), Layer.succeed(References.MinimumLogLevel, "None")))
    )
  )
const idsOf = (feed: KeyFeed) =>
  Effect.map(feed.current, (keys) => keys.candidates("ES256", undefined).map(({ id }) => id).join())

describe("I06 unknown keys", () => {
  const storm = (betweenSeconds: number) =>
    run(Effect.gen(function*() {
      const from = asked(one)
      const feed = yield* feedOf(from, { betweenSeconds })
      yield* feed.refresh
      for (let second = 0; second < 90; second++) {
        yield* TestClock.adjust("1 second")
        yield* Effect.all(Array.from({ length: 20 }, () => feed.again), { concurrency: "unbounded", discard: true })
      }
      return from.times
    }))
  it("cause a look every 30 seconds at most, however many come", async () => {
    expect(await storm(30)).toBe(1 + 3)
  })
  it("(without the limit they cause more: the test can fail)", async () => {
    expect(await storm(0)).toBeGreaterThan(80)
  })
  it("cause one look when all come at once, and all see what it found", () =>
    run(Effect.gen(function*() {
      const from = asked(one, 1000)
      const feed = yield* feedOf(from)
      yield* Effect.forkChild(feed.refresh)
      yield* TestClock.adjust("1 minute")
      from.answer = two
      const waiting = yield* Effect.forkChild(
        Effect.all(Array.from({ length: 50 }, () => Effect.andThen(feed.again, idsOf(feed))), {
          concurrency: "unbounded"
        })
      )
      yield* TestClock.adjust("1 second")
      expect(new Set(yield* Fiber.join(waiting))).toEqual(new Set(["two"]))
      expect(from.times).toBe(2)
    })))
  it("whoever gives up waiting spoils it for nobody", () =>
    run(Effect.gen(function*() {
      const from = asked(one, 1000)
      const feed = yield* feedOf(from)
      const impatient = yield* Effect.forkChild(feed.refresh, { startImmediately: true })
      const patient = yield* Effect.forkChild(idsOf(feed), { startImmediately: true })
      yield* Fiber.interrupt(impatient)
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(patient)).toBe("one")
      expect(from.times).toBe(1)
    })))
})

describe("I06 keys", () => {
  it("are replaced as a whole: a key that was withdrawn is gone", () =>
    run(Effect.gen(function*() {
      const from = asked(one)
      const feed = yield* feedOf(from)
      yield* feed.refresh
      expect(yield* idsOf(feed)).toBe("one")
      from.answer = two
      yield* feed.refresh
      expect(yield* idsOf(feed)).toBe("two")
      from.answer = "{\"keys\":[]}"
      yield* feed.refresh
      expect(yield* idsOf(feed)).toBe("")
    })))
  it("stay the same object while nothing changed, so that what was checked with them counts", () =>
    run(Effect.gen(function*() {
      const feed = yield* feedOf(asked(one))
      yield* feed.refresh
      const before = yield* feed.current
      yield* feed.refresh
      expect(yield* feed.current).toBe(before)
    })))
  it("outlive an issuer that is down, for as long as they may, and not longer", () =>
    run(Effect.gen(function*() {
      const from = asked(one)
      const feed = yield* feedOf(from, { keepSeconds: 60 })
      yield* feed.refresh
      from.answer = undefined
      yield* TestClock.adjust("60 seconds")
      expect(yield* feed.refresh).toBe("it is down")
      expect(yield* idsOf(feed)).toBe("one")
      yield* TestClock.adjust("1 second")
      const exit = yield* Effect.result(feed.current)
      expect(exit).toMatchObject({ failure: { message: expect.stringContaining("it is down") } })
      from.answer = one
      yield* feed.refresh
      expect(yield* idsOf(feed)).toBe("one")
    })))
  it.each([
    "",
    "{}",
    "[]",
    "{\"keys\":{}}",
    "{\"keys\":[],\"keys\":[]}",
    "<html>",
    JSON.stringify({ keys: Array.from({ length: 101 }, () => ({})) })
  ])(
    "outlive an answer that is no set of keys: %s",
    (answer) =>
      run(Effect.gen(function*() {
        const from = asked(one)
        const feed = yield* feedOf(from)
        yield* feed.refresh
        from.answer = answer
        expect(yield* feed.refresh).toContain("no set of keys")
        expect(yield* idsOf(feed)).toBe("one")
      }))
  )
  it("that never came are waited for while they are on their way, and then are not to be had", () =>
    run(Effect.gen(function*() {
      const from = asked(undefined, 1000)
      const feed = yield* feedOf(from)
      yield* Effect.forkChild(feed.refresh, { startImmediately: true })
      const waiting = yield* Effect.forkChild(Effect.exit(feed.current), { startImmediately: true })
      yield* TestClock.adjust("1 second")
      expect(Exit.isFailure(yield* Fiber.join(waiting))).toBe(true)
      expect((yield* Effect.exit(feed.current))._tag).toBe("Failure")
      expect(from.times).toBe(1)
    })))
})

describe("I06 looking again", () => {
  it("backs off while the issuer is down, and comes back within 30 seconds", () =>
    run(Effect.gen(function*() {
      const from = asked(undefined)
      const feed = yield* feedOf(from)
      yield* Effect.forkScoped(keepFetched(feed, 3_600_000), { startImmediately: true })
      yield* TestClock.adjust("10 minutes")
      expect(from.times).toBeGreaterThanOrEqual(20)
      expect(from.times).toBeLessThanOrEqual(26)
      from.answer = one
      yield* TestClock.adjust("30 seconds")
      expect(yield* idsOf(feed)).toBe("one")
    })))
  it("finds new keys within five minutes, or half the time that keys are kept", () =>
    run(Effect.gen(function*() {
      const from = asked(one)
      const feed = yield* feedOf(from, { keepSeconds: 60 })
      yield* Effect.forkScoped(keepFetched(feed, 60_000), { startImmediately: true })
      yield* TestClock.adjust("1 second")
      from.answer = two
      yield* TestClock.adjust("28 seconds")
      expect(yield* idsOf(feed)).toBe("one")
      yield* TestClock.adjust("2 seconds")
      expect(yield* idsOf(feed)).toBe("two")
    })))
})
