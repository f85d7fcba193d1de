import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { parse } from "yaml"
import type { Row } from "../core/family/sql/index.ts"
import type { Operation, PolicyDocument, Principal, State } from "../core/index.ts"
import { Decisions } from "../plugins/residency/decisions.ts"
import { compileWorld, inputsOf, judge, ResidencySection, type World } from "../plugins/residency/index.ts"
import { Counting } from "../plugins/residency/meters/counting.ts"
import { Meter } from "../plugins/residency/meters/meter.ts"
import { Meters } from "../plugins/residency/meters/meters.ts"
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
