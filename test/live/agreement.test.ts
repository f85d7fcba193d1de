import * as Effect from "effect/Effect"
import * as Context from "effect/Context"
import fc from "fast-check"
import type pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { builtins } from "../../config/builtins.ts"
import { discover } from "../../config/discover.ts"
import { openServices } from "../../config/open-services.ts"
import { planFile } from "../../config/plan.ts"
import { type RecordedJudgement, recordedJudgements } from "../../config/recorded-judgements.ts"
import { openRehearsal } from "../../config/rehearsal.ts"
import { memoryState } from "../../plugins/residency/index.ts"
import type { Plan } from "../../core/gateway/index.ts"
import { State } from "../../core/index.ts"
import { keepLabels, unnamed } from "../config/agreement/state.ts"
import { type Caller, Live } from "../fixtures/live.ts"

let live: Live
let plan: Plan
beforeAll(async () => {
  live = await Live.start({
    schema: [
      "create table people (id int primary key, name text, email text)",
      "insert into people select n, 'Canary ' || n, n || '@canary.example' from generate_series(1, 40) n",
      "create table notes (id int, note text)"
    ],
    // At rest outside its home: what is read there may not be written back.
    at: { upstream: "us-east" },
    credential: "DB, database: postgres",
    services: "  state: { use: sqlite, with: { path: ./state.db } }\n",
    residency: `  otherwise: allow
  zones: { eu: { includes: [de] }, us: { includes: [us-east] } }
  data_sets:
    people: { home: [eu], subject: public.people.id, aggregates: { rows_min: 5, leaves: true }, on: { orders: { tables: { public.people: { email: email } } } } }
  parties:
    near: { match: { subject: near }, at: de, clearance: [eu, us] }
    away: { match: { subject: away }, at: us-east, clearance: [us] }
  transfers:
    - { id: few, from: us, to: us, data_sets: [people], recipients: [away], operations: [read], mechanism: scc, subjects_max: { count: 10, window: calendar_year } }
  taint: { run_claim: run, literal_bytes_max: 60 }`
  })
  const found = await discover(live.folder, live.file)
  if ("_tag" in found) throw new Error(found.message)
  plan = (await planFile(found, builtins)).plan!
}, 120_000)
afterAll(() => live.stop())

interface Asked {
  readonly as: Caller
  readonly text: string
}

const texts = [
  "select id, name from people where id <= 3",
  "select id, name from people where id between 20 and 26",
  "select id, email from people where id = 1",
  "select count(*), avg(id) from people having count(id) >= 5",
  "insert into notes values (1, 'told')",
  "select note from notes where id = 7",
  "select note from notes where note = 'a longer word, that may be what was read'",
  "update people set name = 'told' where id = 1",
  "copy people to stdout",
  "listen talk",
  "notify talk, 'told'",
  "select * from nowhere",
  "select 1"
]
const near: Caller = { sub: "near", run: "r1" }
const away: Caller = { sub: "away", run: "r2" }
const story = (...callers: ReadonlyArray<Caller>) =>
  fc.sample(
    fc.array(fc.record({ as: fc.constantFrom(...callers), text: fc.constantFrom(...texts) }), {
      minLength: 25,
      maxLength: 25
    }),
    1
  )[0]!

/** Asks in turn, through connections that stay; what the ledger then says of each. */
const recorded = async (asked: ReadonlyArray<Asked>): Promise<ReadonlyArray<RecordedJudgement>> => {
  const before = [...recordedJudgements(live.ledger)].length
  const clients = new Map<string, pg.Client>()
  for (const { as, text } of asked) {
    const key = JSON.stringify(as)
    // A cap ends an answer in the middle, and the session with it.
    for (let attempt = 0; attempt < 2; attempt++) {
      const client = clients.get(key) ?? await live.connect(as)
      clients.set(key, client)
      const error = await client.query(text).then(() => undefined, (one: Error & { severity?: string }) => one)
      if (error?.severity === "FATAL") clients.delete(key)
      if (error === undefined || error.severity !== undefined) break
      clients.delete(key)
    }
  }
  for (const client of clients.values()) await client.end().catch(() => {})
  await live.down()
  const judged = [...recordedJudgements(live.ledger)].slice(before)
  expect(judged).toHaveLength(asked.length)
  return judged
}

/** What `explain` says to each, in turn, of runs and meters as they are in `state`. */
const explained = (asked: ReadonlyArray<Asked>, judged: ReadonlyArray<RecordedJudgement>, state: State["Service"]) =>
  Effect.runPromise(Effect.scoped(Effect.gen(function*() {
    const { answer } = yield* openRehearsal(plan, plan.pipelines[0]!, undefined)
    return yield* Effect.forEach(asked, ({ as: { sub, ...claims }, text }, index) => {
      const as = { subject: sub, groups: [], claims, actors: [], evidence: "asserted" } as const
      return answer({ as, ask: text, at: Date.parse(judged[index]!.at), step: index + 1 }, state)
    })
  })))

/** A copy of the state that the gateway left behind. */
const leftBehind = (): Promise<State["Service"]> =>
  Effect.runPromise(Effect.scoped(Effect.gen(function*() {
    const planned = plan.services.find(({ service }) => service.provides.key === State.key)!
    const state = Context.get(yield* openServices(plan, [planned]), State)
    const copy = memoryState()
    for (const space of ["taint", "meters"]) {
      for (const [key, value] of yield* state.list(space, "")) {
        yield* copy.update(space, key, () => ({ next: value, result: undefined }))
      }
    }
    return copy
  })))

/** The ledger writes down a moment after the one at which it was seen. */
const timeless = (receipt: unknown): unknown =>
  JSON.parse(JSON.stringify(receipt).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "then"))

const agree = (
  asked: ReadonlyArray<Asked>,
  judged: ReadonlyArray<RecordedJudgement>,
  told: Awaited<ReturnType<typeof explained>>
) => {
  const events = judged.map(({ exchange, session }) => ({ event: `${session}#${exchange}` }))
  judged.forEach(({ receipt }, index) => {
    const { inputs: _, outcome: _o, outcome_code: _c, ...wanted } = receipt
    const { inputs: _i, outcome: _p, outcome_code: _d, ...came } = told[index]!.receipt!
    expect(timeless(unnamed(came, [])), JSON.stringify([asked, index])).toEqual(timeless(unnamed(wanted, events)))
  })
}

describe("a gateway with a real database", () => {
  it("decides what explain says of a run from its beginning", async () => {
    const asked = story(near)
    const judged = await recorded(asked)
    agree(asked, judged, await explained(asked, judged, keepLabels(plan.policy, memoryState())))
  }, 60_000)

  it("decides what explain says of what its state knows: labels, and caps that are reached", async () => {
    await live.up()
    await recorded([
      { as: away, text: texts[0]! },
      { as: away, text: texts[1]! },
      { as: near, text: texts[0]! }
    ])
    const state = await leftBehind()
    await live.up()
    const asked = [...story(near, away), { as: { ...away, run: "r3" }, text: texts[0]! }, {
      as: near,
      text: "notify talk, 'told'"
    }]
    const judged = await recorded(asked)
    agree(asked, judged, await explained(asked, judged, keepLabels(plan.policy, state)))
    expect(judged.slice(-2).map(({ receipt: { code, decision } }) => code ?? decision)).toEqual(["approve", "taint"])
  }, 60_000)

  it(
    "keeps a ledger of which every receipt comes out again, and a simulation of the same file changes nothing",
    async () => {
      expect(await live.sluice("audit", "rejudge", live.ledger)).toMatchObject({ status: 0 })
      const simulated = await live.sluice("simulate", "--policy", live.file, "--since", "1h", "--config", live.file)
      expect(simulated).toMatchObject({ status: 0, stdout: expect.stringContaining("Nothing would change.") })
    },
    60_000
  )
})
