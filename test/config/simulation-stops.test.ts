import { describe, expect, it } from "vitest"
import { Stops } from "../../config/simulation-stops.ts"
import type { RecordedJudgement } from "../../config/recorded-judgements.ts"
import type { Receipt } from "../../core/plugin/index.ts"

interface Op {
  readonly session: string
  readonly run?: string
  readonly atoms?: number
  /** The longest value of the caller's own, where it was measured. */
  readonly longest?: number
  /** The checks that deny. */
  readonly denies?: ReadonlyArray<string>
}

const figuresOf = (ops: ReadonlyArray<Op>) => {
  const stops = new Stops()
  for (const { atoms = 1, denies = [], longest, run, session } of ops) {
    const literals = longest === undefined ? {} : { literals: { bytes: 1, longest, spent: 0 } }
    const taint = run === undefined
      ? {}
      : { taint: { run, atoms: Array.from({ length: atoms }, () => ({})), ...literals } }
    stops.add(
      { session, inputs: taint } as unknown as RecordedJudgement,
      {
        outcome: denies.length === 0 ? "allow" : "deny",
        checks: denies.map((check) => ({ check, outcome: "deny" }))
      } as unknown as Receipt
    )
  }
  return stops.figures()
}

describe("what enforcing would stop", () => {
  it("is counted by run, over all sessions of a run, also those that begin before the run is known", () => {
    const figures = figuresOf([
      { session: "a" },
      { session: "b" },
      { session: "b", run: "r" },
      { session: "a", run: "r", denies: ["taint"] },
      { session: "c" }
    ])
    expect(figures).toMatchObject({ runs: 2, stopped_runs: 1, denials: 1, denials_per_100_runs: 50 })
    // The fourth operation of the run: those of both sessions count.
    expect(figures.operations_to_first_denial).toBe(4)
  })

  it("keeps a denial from before the run was known", () => {
    expect(figuresOf([
      { session: "a", run: "r" },
      { session: "b", denies: ["home"] },
      { session: "b", run: "r" }
    ])).toMatchObject({ runs: 1, stopped_runs: 1, operations_to_first_denial: 1 })
  })

  it("says by which operation labels stop growing", () => {
    const figures = figuresOf([1, 1, 2, 2, 2].map((atoms) => ({ session: "a", run: "r", atoms })))
    expect(figures.operations_to_saturation).toBe(3)
    expect(figuresOf([{ session: "a" }]).operations_to_saturation).toBe(null)
  })

  it.each<[string, Op, number]>([
    ["a read by a short value", { session: "a", run: "r", longest: 8, denies: ["taint"] }, 1],
    ["a read that says nothing", { session: "a", run: "r", longest: 0, denies: ["taint"] }, 1],
    ["a read with a long value", { session: "a", run: "r", longest: 65, denies: ["taint"] }, 0],
    ["a write", { session: "a", run: "r", denies: ["taint"] }, 0],
    ["what another check refuses too", { session: "a", run: "r", longest: 8, denies: ["taint", "home"] }, 0]
  ])("knows a false stop: %s", (_, op, share) => expect(figuresOf([op]).false_stops).toBe(share))
})
