import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parse } from "yaml"
import type { Row } from "../core/family/sql/index.ts"
import { type Operation, type PolicyDocument, type Principal, State } from "../core/index.ts"
import { Decisions } from "../plugins/residency/decisions.ts"
import type { Atom } from "../plugins/residency/engine/inputs.ts"
import { compileWorld, inputsOf, judge, ResidencySection, type World } from "../plugins/residency/index.ts"
import { Counting } from "../plugins/residency/meters/counting.ts"
import { Meter } from "../plugins/residency/meters/meter.ts"
import { Meters } from "../plugins/residency/meters/meters.ts"
import { Labels } from "../plugins/residency/taint/labels.ts"
import { releasesOf } from "../plugins/residency/taint/releases.ts"
import { Tracker } from "../plugins/residency/taint/tracker.ts"
import { sqlite } from "../plugins/services/sqlite/index.ts"
import { tableResidency } from "../test/fixtures/residency-table.ts"
import type { Figure } from "./measure/figure.ts"
import { micro } from "./measure/micro.ts"

const NOW = Date.parse("2026-11-01T00:00:00Z")

const policy: PolicyDocument = {
  hash: "0".repeat(64),
  gateway: { name: "bench", at: "de" },
  residency: Schema.decodeUnknownSync(ResidencySection)(parse(tableResidency(undefined, "2099-06-30"))),
  pipelines: [{
    name: "orders",
    at: "de",
    address: "orders-db.internal:5432",
    plugins: ["identity", "residency", "masking"],
    mode: "enforce"
  }],
  recorder: { at: "de" },
  issuers: ["https://issuer.test"]
}

const principal: Principal = {
  issuer: "https://issuer.test",
  subject: "support-agent-1",
  groups: [],
  claims: {},
  actors: [],
  evidence: "asserted",
  expiresAt: undefined
}

const operation: Operation = {
  kind: "read",
  reads: [{ kind: "table", name: "public.customers", fields: ["name"] }],
  writes: [],
  resolved: true,
  digest: "",
  summary: ""
}

const seen: Atom = {
  data_set: "customers",
  form: "clear",
  from: "de",
  at: NOW,
  pipeline: "orders",
  session: "bench",
  exchange: 1
}

/** What a label costs an operation that makes it grow no more: is it fresh, what is in it, is all of it written. */
const labelled = function*(world: World): Iterable<Figure> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"))
  const scope = Scope.makeUnsafe()
  try {
    const layer = sqlite.layer({ path: "./labels.db" }, { directory: folder })
    const state = Context.get(Effect.runSync(Scope.provide(Layer.build(layer), scope)), State)
    const labels = new Labels(state)
    const session = { id: "bench", pipeline: "orders", peer: { address: "", port: 0, encrypted: true }, now: () => NOW }
    const tracker = new Tracker(labels, session)
    const releases = releasesOf(world, world.pipelines.get("orders")!, operation, { seen: {} })
    tracker.enter(world, principal)
    Effect.runSync(tracker.refresh(releases))
    const forwarded = { exchange: 1, from: "de", releases, masked: () => false, said: undefined }
    const turn = (): void => {
      if (!tracker.fresh(releases)) throw new Error("nobody else writes here")
      tracker.view()
      tracker.forward(forwarded)
    }
    turn()
    Effect.runSync(labels.save())
    yield micro("residency: a label that does not grow, kept in SQLite", "ns", 1, turn)
  } finally {
    Effect.runSync(Scope.close(scope, Exit.void))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A row whose subject is `value`. */
const columns: Row["columns"] = [{
  name: "id",
  type: "int4",
  format: "text",
  encode: () => undefined,
  valueType: { name: "int4" },
  substitute: () => null
}]
const rowOf = (value: string): Row => {
  const bytes = Buffer.from(value)
  return { kind: "row", columns, result: 0, isNull: () => false, bytes: () => bytes, replace: () => {} }
}

/** A meter that has seen `people`, and a counting of rows on it. */
const countingOf = (world: World, people: number): Counting => {
  const name = { transfer: "t", data_set: "customers", recipient: "p" }
  const meter = new Meter(name, "calendar_year", 1_000_000_000, "bench", () => undefined)
  const meters = new Meters(store, [])
  meter.turn(NOW)
  Effect.runSync(meters.store(meter, true))
  const dataSet = { ...world.dataSets.get("customers")!, subject: { table: "public.customers", column: "id" } }
  const source = { table: "public.customers", column: "id" }
  const results = [{ columns: [{ name: "id", how: "copy" as const, sources: [source] }] }]
  const counted = { meter, transfer: { id: "t" } as never, dataSet, limit: 1_000_000_000 }
  const counting = new Counting(meters, [counted], { results })
  for (let id = 0; id < people; id++) counting.see(rowOf(String(id)))
  return counting
}

/** A state that keeps nothing. */
const store: State["Service"] = {
  read: () => Effect.succeed(undefined),
  list: () => Effect.succeed([]),
  update: (_space, _key, change) => Effect.sync(() => change(undefined).result)
}

/** What the residency engine costs: an answer given before, and one judged afresh with its receipt. */
export const measure = function*(): Iterable<Figure> {
  const { problems, world } = compileWorld(policy)
  if (world === undefined) throw new Error(problems.map(({ message }) => message).join("\n"))
  const occasion = { pipeline: "orders", principal, operation, asked: operation, now: NOW }
  const decisions = new Decisions()
  yield micro("residency: a decision given before", "ns", 1, () => {
    decisions.decide(world, occasion)
  })
  const taint = { run: "run r1", atoms: [seen] }
  const tainted = { ...occasion, taint }
  yield micro("residency: a decision given before, to a run with a label", "ns", 1, () => {
    decisions.decide(world, tainted)
  })
  yield* labelled(world)
  yield micro("residency: a decision judged afresh, for a run with a label", "ns", 1, () => {
    judge(world, inputsOf(world, tainted))
  })
  yield micro("residency: a decision judged afresh", "ns", 1, () => {
    judge(world, inputsOf(world, occasion))
  })
  for (const [what, people] of [["few", 1000], ["many", 100_000]] as const) {
    const counting = countingOf(world, people)
    const row = rowOf("77")
    yield micro(`residency: a row counted, of somebody known among ${what}`, "ns", 1, () => {
      counting.see(row)
    })
  }
  const growing = countingOf(world, 2000)
  let id = 0
  yield micro("residency: a row counted, of somebody new", "ns", 1, () => {
    growing.see(rowOf(`n${id++}`))
  })
}
