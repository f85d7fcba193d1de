import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import type { State } from "../../../core/index.ts"
import { type RealStates, realStates } from "./real-states.ts"
import { live } from "./town-run.ts"

/** For how long towns are lived through on each kind of state; or `APPROVAL_RUNS` of them, however long that takes. */
const SECONDS = 10
const RUNS = Number(process.env["APPROVAL_RUNS"] ?? 0)
const SEED = Number(process.env["APPROVAL_SEED"] ?? 20_261_122)
/** Towns that are lived through at once. */
const WIDTH = 12

/** Lives through towns, several at once, until there were enough or something broke. */
const liveAll = async (
  states: RealStates,
  enough: (towns: number) => boolean,
  change: (state: State["Service"]) => State["Service"] = (state) => state
) => {
  const [one, two] = states.gateways
  const broken: Array<string> = []
  let towns = 0
  await Promise.all(Array.from({ length: WIDTH }, async () => {
    while (!enough(towns) && broken.length === 0) {
      broken.push(...await live([change(one), change(two)], SEED + towns++, states.cut))
    }
  }))
  return { towns, broken }
}

describe.each(["sqlite", "postgres"] as const)("two gateways and four people on %s", (kind) => {
  it("I19 I20 I21: whatever crashes, nothing runs twice or unapproved, and no decision is lost", async () => {
    const states = await realStates[kind]()
    try {
      const until = performance.now() + SECONDS * 1000
      const enough = (towns: number): boolean => RUNS > 0 ? towns >= RUNS : performance.now() > until
      const { broken, towns } = await liveAll(states, enough)
      expect(broken.join("\n")).toBe("")
      expect(towns).toBeGreaterThan(10)
      if (RUNS > 0) console.log(`${kind}: ${towns} courses of events from seed ${SEED}`)
    } finally {
      await states.close()
    }
  }, RUNS > 0 ? 3_600_000 : 120_000)
})

/** States that do not do what they should. Each must be found out. */
const mutants: Readonly<Record<string, (state: State["Service"]) => State["Service"]>> = {
  "lets updates of one key come between each other": (state) => ({
    ...state,
    update: (space, key, change) =>
      Effect.gen(function*() {
        const { next, result } = change(yield* state.read(space, key))
        yield* Effect.sleep(1)
        yield* state.update(space, key, () => ({ next, result: undefined }))
        return result
      })
  }),
  "forgets what was used": (state) => ({
    ...state,
    update: (space, key, change) =>
      state.update(space, key, (current) => {
        const changed = change(current)
        return changed.next?.includes("\"status\":\"used\"") === true ? { ...changed, next: current } : changed
      })
  }),
  "forgets the second of two votes": (state) => ({
    ...state,
    update: (space, key, change) =>
      state.update(space, key, (current) => {
        const changed = change(current)
        const votes = (text: string | undefined): number => text?.match(/"step":"voted"/g)?.length ?? 0
        return votes(current) === 1 && votes(changed.next) === 2 ? { ...changed, next: current } : changed
      })
  }),
  "keeps the uses of a grant": (state) => ({
    ...state,
    update: (space, key, change) =>
      state.update(space, key, (current) => {
        const changed = change(current)
        return key.startsWith("grant/") && current !== undefined ? { ...changed, next: current } : changed
      })
  }),
  "does not say who lives": (state) => ({
    ...state,
    list: (space, prefix) => prefix === "life/" ? Effect.succeed([]) : state.list(space, prefix)
  }),
  "has every gateway live for ever": (state) => ({
    ...state,
    list: (space, prefix) =>
      Effect.map(state.list(space, prefix), (entries) =>
        prefix === "life/"
          ? entries.map(([key, text]) => [key, JSON.stringify({ ...JSON.parse(text), count: Math.random() })] as const)
          : entries)
  })
}

describe("the courses of events", () => {
  it.each(Object.keys(mutants))("find out a state that %s", async (name) => {
    const states = await realStates.sqlite()
    try {
      const { broken } = await liveAll(states, (towns) => towns >= 400, mutants[name])
      expect(broken.length).toBeGreaterThan(0)
    } finally {
      await states.close()
    }
  }, 60_000)
})
