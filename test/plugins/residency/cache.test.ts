import fc from "fast-check"
import { describe, expect, it, vi } from "vitest"
import type { Receipt } from "../../../core/index.ts"
import { compileWorld } from "../../../plugins/residency/compile/compile-world.ts"
import { Decisions } from "../../../plugins/residency/decisions.ts"
import type { Spent } from "../../../plugins/residency/engine/inputs.ts"
import { judge } from "../../../plugins/residency/engine/judge.ts"
import type { Occasion } from "../../../plugins/residency/inputs-of.ts"
import type { World } from "../../../plugins/residency/world.ts"
import { arbitraryInputs, arbitrarySection, arbitrarySurroundings, documentOf } from "./arbitrary.ts"

vi.setConfig({ testTimeout: 300_000 })

type Decide = (world: World, occasion: Occasion) => Receipt

const instant = fc.oneof(
  fc.constantFrom(Date.parse("2026-03-01"), Date.parse("2026-07-01T12:00:00Z")),
  fc.integer({ min: Date.parse("2025-12-30"), max: Date.parse("2027-01-05") })
)
const caps: ReadonlyArray<ReadonlyArray<Spent>> = [
  [],
  [{ transfer: "t0", data_set: "*", recipient: "*", level: "cap" }],
  [{ transfer: "t0", data_set: "*", recipient: "*", level: "twice" }]
]
const step = fc.record({ operation: fc.nat(2), world: fc.nat(1), now: instant, spent: fc.constantFrom(...caps) })

/** What is remembered is what would be found afresh, whatever is asked in between, at any time and under any policy. */
const remembers = (made: () => Decide) =>
  fc.property(
    fc.tuple(arbitrarySection, arbitrarySection, arbitrarySurroundings),
    fc.array(arbitraryInputs, { minLength: 3, maxLength: 3 }),
    fc.array(step, { minLength: 2, maxLength: 12 }),
    ([one, other, around], asked, steps) => {
      const worlds = [one, other].map((raw) => compileWorld(documentOf(raw, around)).world)
      fc.pre(worlds.every((world) => world !== undefined))
      const principal = asked[0]!.principal
      const operations = asked.map(({ operation }) => ({
        ...operation,
        digest: "",
        summary: "",
        // As a statement has them: what has no rows is not counted, and so not covered by a cap.
        results: [],
        uses: []
      }))
      const decide = made()
      for (const { operation, world, now, spent } of steps) {
        const request = operations[operation]!
        const occasion: Occasion = { pipeline: "orders", principal, operation: request, asked: request, now, spent }
        const { operation: plain } = asked[operation]!
        const fresh = judge(worlds[world]!, { pipeline: "orders", principal, operation: plain, seen: {}, spent, now })
        const { inputs: _, ...answer } = decide(worlds[world]!, occasion)
        const { inputs: __, ...expected } = fresh
        expect(answer).toEqual(expected)
      }
    }
  )

const kept = (): Decide => {
  const decisions = new Decisions()
  return (world, occasion) => decisions.decide(world, occasion).receipt
}

/** A cache whose key leaves something out. */
const careless = (key: (world: World, occasion: Occasion) => unknown) => (): Decide => {
  const decisions = new Decisions()
  const known = new Map<unknown, Receipt>()
  return (world, occasion) => {
    const at = key(world, occasion)
    const receipt = known.get(at) ?? decisions.decide(world, occasion).receipt
    known.set(at, receipt)
    return receipt
  }
}

describe("the decisions of a session", () => {
  it("are those that would be made afresh", () => {
    fc.assert(remembers(kept), { numRuns: 1000 })
  })
  it.each([
    ["time", careless((world, { operation, spent }) => pair(pair(world, operation), spent))],
    ["policy", careless((_, { operation, now, spent }) => pair(pair(operation, now), spent))],
    ["what is spent", careless((world, { operation, now }) => pair(pair(world, operation), now))]
  ])("are not, when a cache forgets %s", (_, made) => {
    expect(fc.check(remembers(made), { numRuns: 4000, endOnFailure: true }).failed).toBe(true)
  })
})

/** One value for each pair of values. */
const pairs = new Map<unknown, Map<unknown, symbol>>()
const pair = (a: unknown, b: unknown): symbol => {
  const inner = pairs.get(a) ?? new Map<unknown, symbol>()
  pairs.set(a, inner)
  const found = inner.get(b) ?? Symbol("pair")
  inner.set(b, found)
  return found
}
