import fc from "fast-check"
import type { PolicyDocument, Resource } from "../../../core/index.ts"
import type { Inputs } from "../../../plugins/residency/engine/inputs.ts"
import { decode, issuer } from "./fixture.ts"

/** Small worlds, in which most names meet: that is where the answers differ. */
const places = ["p1", "p2", "p3"]
const zoneNames = ["z1", "z2", "z3"]
const names = [...places, ...zoneNames]
const tables = ["s.t1", "s.t2", "s.t3", "u.t4"]
const classes = ["personal", "health"]
const operations = ["read", "write", "export", "move", "unknown", "execute", "define"] as const
const days = ["2026-01-01", "2026-07-01", "2027-01-01", "2026-07-01T12:00:00Z"]
const instants = days.flatMap((day) => [-1, 0, 1].map((offset) => Date.parse(day) + offset))
  .concat(days.map((day) => Date.parse(day) + 24 * 3600 * 1000))

const name = fc.constantFrom(...names)
const home = fc.constantFrom("z1", "z1", "z2", "p1", "p2")
const some = <A>(values: ReadonlyArray<A>, minLength = 1) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength, maxLength: 3 })
const maybe = <A>(value: fc.Arbitrary<A>) => fc.option(value, { nil: undefined, freq: 2 })
const drop = (value: object): any => JSON.parse(JSON.stringify(value))

const zones = fc.record({
  z1: fc.constant({ includes: ["p1", "p2"] }),
  z2: fc.record({ includes: some(["p1", "p2", "p3", "z1"], 2), excludes: maybe(some(["p3"])) }),
  z3: fc.record({ includes: some(["z1", "z2", "p3"]), excludes: maybe(some(["z1", "p1"])) }),
  p3: fc.constant({})
}).map(drop)

const dataSet = fc.record({
  home: fc.uniqueArray(home, { minLength: 1, maxLength: 2 }),
  classes: some(classes, 0),
  otherwise: fc.constantFrom("deny", "deny", "approve"),
  masked: fc.constantFrom("counts", "leaves"),
  aggregates: fc.constantFrom(undefined, { rows_min: 50, leaves: true }, { rows_min: 50 }),
  zone_by: fc.constantFrom(undefined, undefined, undefined, "c"),
  evidence: maybe(fc.constantFrom("asserted", "network", "workload")).chain((value) =>
    fc.constantFrom(value, undefined, undefined)
  ),
  on: fc.record({
    orders: some([...tables.slice(0, 3), "s.*"]).map((chosen) => ({
      tables: Object.fromEntries(chosen.map((one) => [one, {}]))
    })),
    archive: some(tables).map((chosen) => ({ tables: Object.fromEntries(chosen.map((one) => [one, {}])) }))
  }, { requiredKeys: ["orders"] })
}).map(drop)

const at = fc.oneof(
  { weight: 8, arbitrary: home },
  { weight: 1, arbitrary: name },
  { weight: 1, arbitrary: fc.constant({ claim: "region" }) },
  { weight: 1, arbitrary: fc.constant(undefined) }
)
const evidence = maybe(fc.constantFrom("asserted", "network", "workload", "attested"))

const party = (match: object) =>
  fc.record({
    match: fc.constant(match),
    at,
    model: maybe(fc.record({ at, evidence })),
    clearance: fc.oneof({ weight: 4, arbitrary: fc.constant(["z1", "p3"]) }, { weight: 1, arbitrary: some(names, 0) }),
    evidence
  }).map(drop)

/** No two of them can match one identity equally well, so that their order does not matter. */
const parties = fc.record({
  exact: party({ subject: "ann" }),
  agents: party({ subject: "agent-*" }),
  group: party({ group: "g" }),
  rest: party({ issuer: "https://b" })
})

const scope = fc.oneof(
  fc.record({ data_sets: some(["a", "b"]) }),
  fc.record({ classes: some(classes) }),
  fc.record({ data_sets: some(["a", "b"]), classes: some(classes) })
)
const recipients = fc.oneof(
  fc.constant("any"),
  some(["exact", "agents", "group", "gateway", "recorder", "upstream:orders", "upstream:archive"])
)
const allowance = fc.record({
  to: fc.constantFrom(...names, "z3", "z3"),
  recipients,
  operations: fc.constant([...operations]).chain((all) => fc.oneof(fc.constant(all), some(all))),
  valid_from: maybe(fc.constantFrom(...days.slice(0, 1))),
  valid_until: fc.constantFrom(...days.slice(1))
})
const transfer = fc.tuple(
  allowance,
  scope,
  fc.record({
    from: fc.constantFrom("z1", "z1", "z3", "p1"),
    mechanism: fc.constant("scc"),
    requires: some(["mask", "approve"], 0),
    subjects_max: fc.constantFrom(undefined, { count: 5, window: "calendar_year" }, {
      count: 5,
      window: "30d",
      per: "transfer"
    })
  })
).map((parts) => drop(Object.assign({}, ...parts)))
const exception = fc.tuple(allowance, scope, fc.constant({ reason: "r", owner: "o" })).map((parts) =>
  drop(Object.assign({}, ...parts))
)

const when: Readonly<Record<string, string>> = {
  "kind read": `operation.kind == "read"`,
  "kind export": `operation.kind == "export"`,
  "party agents": `caller.party == "agents"`,
  "class health": `data_sets.exists(d, "health" in d.classes)`
}
const rule = fc.record({
  name: fc.constantFrom(...Object.keys(when)),
  then: fc.constantFrom("deny", "approve", "mask", "mask")
})
  .map((one) => ({ ...one, when: when[one.name]! }))

/** A section as the file has it. */
export const arbitrarySection = fc.record({
  otherwise: fc.constantFrom("deny", "allow"),
  unresolved: fc.constantFrom("deny", "approve"),
  zones,
  data_sets: fc.record({ a: dataSet, b: dataSet }, { requiredKeys: ["a"] }),
  parties,
  transfers: fc.array(transfer, { maxLength: 4 }).map((all) =>
    all.map((one, index) => ({ ...one, id: `t${(index * 7) % 10}` }))
  ),
  exceptions: fc.oneof(
    { weight: 3, arbitrary: fc.constant<Array<any>>([]) },
    {
      weight: 1,
      arbitrary: fc.array(exception, { maxLength: 2 }).map((all) =>
        all.map((one, index) => ({ ...one, id: `e${index}` }))
      )
    }
  ),
  taint: fc.record({
    mode: fc.constantFrom("balanced", "balanced", "strict", "off"),
    literal_bytes_max: fc.constantFrom(0, 8, 64)
  }),
  rules: fc.oneof(
    { weight: 3, arbitrary: fc.constant<Array<any>>([]) },
    { weight: 1, arbitrary: fc.uniqueArray(rule, { maxLength: 2, selector: (one) => one.name }) }
  )
}).map((raw) => {
  const present = new Set(Object.keys(raw.data_sets))
  const known = (one: any) =>
    one.data_sets === undefined ? one : { ...one, data_sets: one.data_sets.filter((x: string) => present.has(x)) }
  const covers = (one: any) => (one.data_sets?.length ?? 0) + (one.classes?.length ?? 0) > 0
  return {
    ...raw,
    transfers: raw.transfers.map(known).filter(covers),
    exceptions: raw.exceptions.map(known).filter(covers)
  }
})

/** A place that is most often at home. */
const near = fc.oneof({ weight: 6, arbitrary: fc.constantFrom("p1", "p2") }, { weight: 1, arbitrary: name })

export const arbitrarySurroundings = fc.record({ gateway: near, recorder: maybe(near), orders: near, archive: near })

export const documentOf = (
  raw: any,
  around: { gateway: string; recorder: string | undefined; orders: string; archive: string }
): PolicyDocument => ({
  hash: "b".repeat(64),
  gateway: { name: "gw", at: around.gateway },
  residency: decode(raw),
  pipelines: [
    {
      name: "orders",
      at: around.orders,
      address: "orders:1",
      plugins: ["residency", "approval", "masking"],
      mode: "enforce"
    },
    { name: "archive", at: around.archive, address: "archive:1", plugins: ["residency"], mode: "enforce" }
  ],
  recorder: around.recorder === undefined ? undefined : { at: around.recorder },
  issuers: []
})

const resource: fc.Arbitrary<Resource> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom("s.t1", "s.t2", "s.t3").map((one) => ({ kind: "table", name: one }) as const)
  },
  { weight: 1, arbitrary: fc.constant({ kind: "table", name: "u.t4" } as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("s.t1", "s.t2").map((one) => ({ kind: "table", name: "part", within: [one] }) as const)
  },
  { weight: 1, arbitrary: fc.constant({ kind: "catalogue", name: "pg_class" } as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("archive:1", "orders:1", "evil:1").map((one) =>
      ({ kind: "endpoint", name: one }) as const
    )
  }
)
const rare = fc.constant<Resource>({ kind: "internals", name: "pg_stats" })
const resources = (most: number) =>
  fc.array(fc.oneof({ weight: 25, arbitrary: resource }, { weight: 1, arbitrary: rare }), { maxLength: most })

const identity = fc.record({
  issuer: fc.constantFrom(issuer, issuer, "https://b"),
  subject: fc.oneof({ weight: 6, arbitrary: fc.constantFrom("ann", "agent-1", "agent-2") }, {
    weight: 1,
    arbitrary: fc.constantFrom("bob", "mallory")
  }),
  groups: fc.constantFrom([], ["g"], ["g"]),
  claims: fc.constantFrom<Record<string, unknown>>({ region: "p1" }, { region: "z1" }, { region: "p3" }, {}, {
    region: "mars"
  })
})

const atom = fc.record({
  data_set: fc.constantFrom("a", "a", "b", "c", "gone"),
  form: fc.constantFrom("clear", "clear", "masked", "aggregate"),
  from: fc.constantFrom("p1", "p2", "p3"),
  at: fc.constant(instants[0]!),
  pipeline: fc.constantFrom("orders", "archive"),
  session: fc.constant("s"),
  exchange: fc.nat(3),
  homes: fc.constantFrom(["z1"], ["z1"], ["z2"], ["z1", "z2"], ["p1"])
}, { requiredKeys: ["data_set", "form", "from", "at", "pipeline", "session", "exchange"] })
const label = fc.record({
  run: fc.constant("run r"),
  atoms: fc.array(atom, { maxLength: 2 }),
  literals: fc.record({ bytes: fc.nat(80), longest: fc.nat(80), spent: fc.nat(20) }),
  shipped: fc.array(atom, { maxLength: 1 }),
  reset: fc.constant({ at: instants[0]!, by: "dpo", reason: "because" })
}, { requiredKeys: ["run", "atoms"] })

const arbitraryFlow: fc.Arbitrary<Inputs> = fc.record({
  pipeline: fc.constantFrom("orders", "orders", "archive"),
  principal: fc.tuple(
    identity,
    fc.array(identity, { maxLength: 1 }),
    fc.constantFrom("asserted", "network", "workload", "attested")
  ).map(
    ([who, actors, grade]) => ({ ...who, actors, evidence: grade } as const)
  ),
  operation: fc.record({
    kind: fc.constantFrom("read", "read", "read", "session", ...operations),
    reads: resources(3),
    writes: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: resources(2) }),
    resolved: fc.constantFrom(true, true, true, true, true, true, false)
  }),
  seen: fc.record({
    a: fc.constantFrom("clear", "masked", "aggregate"),
    b: fc.constantFrom("clear", "masked", "aggregate")
  }, {
    requiredKeys: []
  }),
  homes: fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    {
      weight: 1,
      arbitrary: fc.record({
        a: some(["z1", "z1", "z2", "p1"].filter((one, index, all) => all.indexOf(one) === index))
      }, {
        requiredKeys: []
      })
    }
  ),
  written: fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.record({ a: fc.constantFrom([], ["z1"], ["z1", "z2"], ["p1"]) }) }
  ),
  spent: fc.array(
    fc.record({
      transfer: fc.constantFrom("t0", "t0", "t7", "t4"),
      data_set: fc.constantFrom("*", "*", "*", "a"),
      recipient: fc.constantFrom("*", "*", "*", "*", "exact", "agents", "recorder"),
      level: fc.constantFrom("cap", "cap", "twice")
    }),
    { minLength: 1, maxLength: 3 }
  ),
  now: fc.constantFrom(...instants)
})

/** Inputs of a run that has seen nothing, three times in four. */
export const arbitraryInputs: fc.Arbitrary<Inputs> = fc.tuple(
  arbitraryFlow,
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: label })
).map(([inputs, taint]) => taint === undefined ? inputs : { ...inputs, taint })
