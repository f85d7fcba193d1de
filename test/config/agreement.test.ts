import * as Effect from "effect/Effect"
import fc from "fast-check"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { builtins } from "../../config/builtins.ts"
import { readText } from "../../config/document.ts"
import { planFile } from "../../config/plan.ts"
import { openRehearsal, type Rehearsed } from "../../config/rehearsal.ts"
import { memoryState } from "../../plugins/residency/index.ts"
import type { Plan } from "../../core/gateway/index.ts"
import type { PolicyDocument, Receipt, State } from "../../core/index.ts"
import type { Inputs, World } from "../../plugins/residency/index.ts"
import { type DecisionMade, Decisions } from "../../plugins/residency/decisions.ts"
import { compileOnce } from "../../plugins/residency/worlds.ts"
import { arbitraryStory, type Asked, definitions, type Story } from "./agreement/arbitrary.ts"
import { LiveSessions, type Recorded } from "./agreement/live-sessions.ts"
import { countedBefore, keepLabels, unnamed } from "./agreement/state.ts"

vi.setConfig({ testTimeout: 300_000 })
const numRuns = Number(process.env["FUZZ_RUNS"] ?? 150)
const room = await builtins.residency()

let folder: string
let schema: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-agreement-"))
  schema = join(folder, "schema.sql")
  writeFileSync(schema, definitions)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** How each of the other three comes to its answer; the gateway's is what they are held against. */
interface Paths {
  /** What `explain`, and a test of the file, would say to each question in turn. */
  readonly explained: (
    plan: Plan,
    asked: ReadonlyArray<Asked>,
    counted: () => State["Service"]
  ) => Effect.Effect<ReadonlyArray<Rehearsed>, unknown>
  readonly rejudged: (policy: PolicyDocument, inputs: Inputs) => Receipt | undefined
  readonly simulated: (policy: PolicyDocument, inputs: Inputs, at: number) => Receipt | undefined
}

const explaining = (
  stateOf: (before: State["Service"], counted: () => State["Service"]) => State["Service"],
  change: (asked: Asked) => Asked = (asked) => asked
): Paths["explained"] =>
(plan, asked, counted) =>
  Effect.scoped(Effect.gen(function*() {
    const rehearsals = yield* Effect.forEach(
      plan.pipelines,
      (pipeline) => Effect.map(openRehearsal(plan, pipeline, schema), ({ answer }) => [pipeline.name, answer] as const)
    )
    const answers = new Map(rehearsals)
    let state = counted()
    return yield* Effect.forEach(asked, (one, index) => {
      const { as, ask, at, pipeline } = change(one)
      state = stateOf(state, counted)
      return answers.get(pipeline)!({ as: { ...as, evidence: "asserted" }, ask, at, step: index + 1 }, state)
    })
  }))

const paths: Paths = {
  explained: explaining((before) => before),
  rejudged: (policy, inputs) => room.rejudge(policy, inputs as never),
  simulated: (policy, inputs, at) => room.simulate(room.enforced(policy), policy, inputs as never, at)?.receipt
}

const planOf = async ({ file }: Story): Promise<Plan | undefined> => {
  const document = readText("sluice.config.yaml", JSON.stringify(file))
  const { plan, problems } = await planFile(
    { path: join(folder, "sluice.config.yaml"), directory: folder, document },
    builtins
  )
  const wrong = problems.filter(({ severity }) => severity === "error").map(({ what }) => what)
  if (plan === undefined && !wrong.some((what) => /has no place|ends before/.test(what))) {
    throw new Error(JSON.stringify(problems))
  }
  return plan
}

const answersTo = (plan: Plan, { asked }: Story, state: State["Service"]): Promise<ReadonlyArray<Recorded>> =>
  Effect.runPromise(Effect.scoped(Effect.suspend(() => {
    const sessions = new LiveSessions(plan, state, definitions)
    return Effect.forEach(asked, (one) => sessions.ask(one))
  })))

/** Everything but where it stands: which session, and the digest of what it was made from. */
const bare = ({ inputs: _digest, ...receipt }: Receipt) => receipt

const agree = (others: Paths) =>
  fc.asyncProperty(arbitraryStory, async (story) => {
    const plan = await planOf(story)
    fc.pre(plan !== undefined)
    const { policy } = plan
    const { world } = compileOnce(policy)
    const counted = (): State["Service"] => countedBefore(keepLabels(policy, memoryState()), world as World, story)
    const live = await answersTo(plan, story, counted())
    const explained = await Effect.runPromise(others.explained(plan, story.asked, counted))
    live.forEach((recorded, index) => {
      const told = JSON.stringify([story.asked[index], index])
      const { receipt } = explained[index]!
      expect(unnamed(bare(receipt!), []), told).toEqual(unnamed(bare(recorded.receipt), live))
      expect(explained[index]!.outcome === "allow" || explained[index]!.outcome === "mask", told).toBe(
        recorded.forwarded
      )
      const inputs = JSON.parse(recorded.basis.inputs) as Inputs
      expect(others.rejudged(policy, inputs), told).toEqual(recorded.receipt)
      const simulated = others.simulated(policy, inputs, story.asked[index]!.at)
      expect(bare(simulated!), told).toEqual(bare(recorded.receipt))
    })
  })

/** Whether the property finds the fault. */
const kills = async (others: Paths): Promise<boolean> =>
  (await fc.check(agree(others), { numRuns: 1500, endOnFailure: true })).failed

describe("what the gateway decides, what it explains, what an auditor makes of it again, and what it simulates", () => {
  it("are the same", () => fc.assert(agree(paths), { numRuns }))

  it("have met every answer", async () => {
    const met = new Map<string, number>()
    for (const story of fc.sample(arbitraryStory, { numRuns: 200, seed: 4 })) {
      const plan = await planOf(story)
      if (plan === undefined) continue
      const state = countedBefore(memoryState(), compileOnce(plan.policy).world as World, story)
      for (const { basis, receipt } of await answersTo(plan, story, state)) {
        const { homes, seen, spent } = JSON.parse(basis.inputs) as Inputs
        const had = Object.entries({ homes, spent }).flatMap(([name, one]) => one === undefined ? [] : name)
        for (const one of [receipt.code ?? receipt.decision, ...Object.values(seen), ...had]) {
          met.set(one, (met.get(one) ?? 0) + 1)
        }
      }
    }
    const answers = ["allow", "mask", "approve", "residency", "taint", "clearance", "rule", "unresolved"]
    for (const one of [...answers, "clear", "masked", "aggregate", "homes", "spent"]) {
      expect(met.get(one) ?? 0, one).toBeGreaterThan(4)
    }
  })

  const without = (...keys: ReadonlyArray<keyof Inputs>) => (inputs: Inputs): Inputs =>
    Object.fromEntries(Object.entries(inputs).filter(([key]) => !keys.includes(key as keyof Inputs))) as never
  const rejudging = (change: (inputs: Inputs) => Inputs): Paths => ({
    ...paths,
    // With the digest that it should have: its answers have to give it away.
    rejudged: (policy, inputs) => {
      const { inputs: digest } = paths.rejudged(policy, inputs)!
      return { ...paths.rejudged(policy, change(inputs))!, inputs: digest }
    }
  })
  const simulating = (change: (inputs: Inputs) => Inputs, later = 0): Paths => ({
    ...paths,
    simulated: (policy, inputs, at) => paths.simulated(policy, change(inputs), at + later)
  })
  const explains = (...how: Parameters<typeof explaining>): Paths => ({ ...paths, explained: explaining(...how) })
  const clearOnly = (inputs: Inputs): Inputs => ({ ...inputs, seen: {} })
  const year = 366 * 86_400_000

  const mutants: Readonly<Record<string, Paths>> = {
    "explains without the label": explains((_, counted) => counted()),
    "explains without the meters": { ...paths, explained: (plan, asked) => paths.explained(plan, asked, memoryState) },
    "explains at another time": explains((before) => before, (asked) => ({ ...asked, at: asked.at + year })),
    "explains without the actors": explains((before) => before, (one) => ({ ...one, as: { ...one.as, actors: [] } })),
    "explains without the claims": explains((before) => before, (one) => ({ ...one, as: { ...one.as, claims: {} } })),
    "judges again without the label": rejudging(without("taint")),
    "judges again without the meters": rejudging(without("spent")),
    "judges again as if all were seen in clear": rejudging(clearOnly),
    "judges again at another time": rejudging((inputs) => ({ ...inputs, now: inputs.now + year })),
    "simulates without the label": simulating(without("taint")),
    "simulates without the meters": simulating(without("spent")),
    "simulates without the rows' homes": simulating(without("homes")),
    "simulates as if all were seen in clear": simulating(clearOnly),
    "simulates at another time": simulating((inputs) => inputs, year)
  }
  it.each(Object.keys(mutants))("are not when one %s", async (name) => expect(await kills(mutants[name]!)).toBe(true))

  it("are not when the gateway gives an answer again that rests on an older label", async () => {
    const answers = new WeakMap<object, DecisionMade>()
    const decide = Decisions.prototype.decide.bind(new Decisions())
    const stale = vi.spyOn(Decisions.prototype, "decide").mockImplementation((world, occasion) => {
      const { reads } = occasion.operation
      const known = answers.get(reads) ?? decide(world, occasion)
      answers.set(reads, known)
      return known
    })
    expect(await kills(paths)).toBe(true)
    stale.mockRestore()
  })
})
