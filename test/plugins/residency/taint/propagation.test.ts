import fc from "fast-check"
import { describe, expect, it, vi } from "vitest"
import { type Caller, listens, notifies, openGateway, reads, SharedState, writes } from "./gateways.ts"

vi.setConfig({ testTimeout: 300_000 })

/** What may happen: who, where, what, through which of two gateways. */
interface Step {
  readonly caller: Caller
  readonly zone: "eu" | "us"
  readonly what: "read customers" | "read scratch" | "write scratch" | "write customers" | "notify" | "listen"
  readonly through: 0 | 1
}

const caller: fc.Arbitrary<Caller> = fc.record({
  agent: fc.constantFrom("agent-1", "agent-2"),
  run: fc.constantFrom(undefined, "r1", "r2", "r3"),
  parent: fc.constantFrom(undefined, undefined, undefined, "r1", "r2")
})
const step: fc.Arbitrary<Step> = fc.record({
  caller,
  zone: fc.constantFrom("eu", "us"),
  what: fc.constantFrom(
    "read customers",
    "read scratch",
    "write scratch",
    "write scratch",
    "write customers",
    "notify",
    "listen"
  ),
  through: fc.constantFrom(0, 1)
})
const history = fc.array(step, { minLength: 2, maxLength: 12 })

const operations = {
  "read customers": reads("customers"),
  "read scratch": reads("scratch"),
  "write scratch": writes("scratch"),
  "write customers": writes("customers"),
  notify: notifies,
  listen: listens
} as const

/** Who knows of customers, by brute force: names, and arrows along which knowing spreads until nothing moves. */
class Naive {
  private readonly knows = new Set<string>()
  private readonly arrows = new Set<string>()

  private spread(): void {
    for (let before = -1; before !== this.knows.size;) {
      before = this.knows.size
      for (const arrow of this.arrows) {
        const [from, to] = arrow.split(" > ") as [string, string]
        if (this.knows.has(from)) this.knows.add(to)
      }
    }
  }

  /** Whether the step is allowed; then it has happened. */
  take({ caller: { agent, parent, run }, what, zone }: Step): boolean {
    const own = run ?? agent
    const mother = parent === run ? undefined : parent
    if (run !== undefined) this.arrows.add(`${run} > runs of ${agent}`)
    if (mother !== undefined) {
      this.arrows.add(`${own} > ${mother}`)
      if (this.knows.has(mother)) this.knows.add(own)
    }
    this.spread()
    const knows = (): boolean => this.knows.has(own) || this.knows.has(run === undefined ? `runs of ${agent}` : agent)
    const changes = what.startsWith("write") || what === "notify"
    if (changes && zone === "us" && knows()) return false
    const [, thing] = what.split(" ")
    const touched = [`all of ${zone}`, ...(thing === undefined ? [] : [`${thing} of ${zone}`])]
    if (thing === "customers" && zone === "eu") this.knows.add(own)
    if (touched.some((one) => this.knows.has(one))) this.knows.add(own)
    if (what === "listen") this.arrows.add(`all of ${zone} > ${own}`)
    this.spread()
    if (changes && knows()) this.knows.add(what === "notify" ? `all of ${zone}` : touched[1]!)
    this.spread()
    return true
  }
}

type Stamp = "true" | "none" | "stuck"

/** Plays a history through two gateways that share a state, and through the naive model. */
const play = async (steps: ReadonlyArray<Step>, stamp: Stamp, restarts: boolean, forgets = false): Promise<void> => {
  const state = new SharedState()
  const open = () => openGateway(state.view({ stamp }))
  let gateways = [open(), open()]
  const naive = new Naive()
  for (const [index, one] of steps.entries()) {
    const session = gateways[one.through]!.connect(one.zone, one.caller)
    const { verdict } = await session.ask(operations[one.what])
    expect([index, verdict._tag === "Allow"]).toEqual([index, naive.take(one)])
    if (verdict._tag === "Deny") expect(verdict.code).toBe("taint")
    if (forgets) state.values.clear()
    if (restarts) gateways = [open(), open()]
  }
}

const agrees = (stamp: Stamp, restarts: boolean, forgets = false) =>
  fc.asyncProperty(history, (steps) => play(steps, stamp, restarts, forgets))

describe("what spreads among runs, agents and stores", () => {
  it("is what brute force says, through two gateways that share a state", () =>
    fc.assert(agrees("true", false), { numRuns: 300 }))
  it("is the same where nobody can tell whether a label is fresh: then it is read each time", () =>
    fc.assert(agrees("none", false), { numRuns: 150 }))
  it("is the same when every gateway starts again after each step", () =>
    fc.assert(agrees("true", true), { numRuns: 150 }))

  it.each<[string, Stamp, boolean, boolean]>([
    ["gateways that do not see each other write", "stuck", false, false],
    ["a state that forgets", "true", true, true]
  ])("is not with %s", async (_, stamp, restarts, forgets) => {
    const { failed } = await fc.check(agrees(stamp, restarts, forgets), { numRuns: 2000, endOnFailure: true })
    expect(failed).toBe(true)
  })
})

describe("a label", () => {
  it("only grows, whatever happens", () =>
    fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const state = new SharedState()
        const gateways = [openGateway(state.view()), openGateway(state.view())]
        let before = new Map<string, number>()
        for (const one of steps) {
          await gateways[one.through]!.connect(one.zone, one.caller).ask(operations[one.what])
          const now = new Map([...state.values].map(([key, text]) => [key, JSON.parse(text).atoms.length as number]))
          for (const [key, count] of before) expect(now.get(key) ?? 0).toBeGreaterThanOrEqual(count)
          before = now
        }
      }),
      { numRuns: 100 }
    ))
})
