import fc from "fast-check"
import { arbitrarySection, arbitrarySurroundings } from "../../plugins/residency/arbitrary.ts"

/** What the tables of `arbitrarySection` look like. `c` is the column by which rows are at home. */
export const definitions = ["create schema s", "create schema u"].concat(
  ["s.t1", "s.t2", "s.t3", "u.t4"].map((name) => `create table ${name} (id int, c text, e text, n numeric)`)
).join(";\n")

/** Somebody who asks, as `explain --as` takes it. */
export interface Asker {
  readonly issuer: string
  readonly subject: string
  readonly groups: ReadonlyArray<string>
  readonly claims: Readonly<Record<string, unknown>>
  readonly actors: ReadonlyArray<string>
}

/** One question of a story. */
export interface Asked {
  readonly pipeline: "orders" | "archive"
  readonly as: Asker
  readonly ask: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A file, what was counted before, and what is asked in a row. */
export interface Story {
  readonly file: object
  /** How many people have left by every cap there is: half of it, all of it, twice. */
  readonly left: number
  readonly asked: ReadonlyArray<Asked>
}

const long = "x".repeat(70)
const texts = [
  ...["s.t1", "s.t2", "s.t3", "u.t4"].flatMap((name) => [
    `select e from ${name}`,
    `select id, c from ${name} where id = 7`,
    `select count(*) from ${name} having count(*) >= 60`,
    `select c, avg(n) from ${name} group by c having count(n) >= 60`,
    `insert into ${name} values (1, 'z1', 'told', 2)`,
    `update ${name} set n = 1 where e = 'told'`,
    `copy ${name} to stdout`
  ]),
  "select a.e, b.e from s.t1 a join s.t2 b on a.id = b.id",
  "insert into s.t3 select * from s.t1",
  `select n from s.t2 where e = '${long}'`,
  "copy s.t2 from stdin",
  "create table s.t9 (x int)",
  "comment on table s.t1 is 'told'",
  "notify talk, 'told'",
  "listen talk",
  "select relname from pg_class",
  "select * from s.nowhere",
  "set datestyle = 'ISO'",
  "select 1"
]

/** What carries what was seen before to where nothing else objects. */
const telling = [
  "insert into u.t4 values (1, 'z1', 'told', 2)",
  "notify talk, 'told'",
  `select id from u.t4 where e = 'told'`
]

const asker = fc.record({
  issuer: fc.constantFrom("https://a", "https://a", "https://a", "https://b"),
  subject: fc.constantFrom("ann", "agent-1", "agent-1", "agent-2", "bob"),
  groups: fc.constantFrom([], ["g"]),
  claims: fc.record({
    region: fc.constantFrom("p1", "z1", "p3"),
    run: fc.constantFrom("r1", "r1", "r2")
  }, { requiredKeys: ["region"] }),
  actors: fc.constantFrom<ReadonlyArray<string>>([], [], [], ["agent-2"])
})

const days = ["2026-03-01", "2026-07-01", "2026-12-31T23:59:59.999Z", "2027-01-01"].map((day) => Date.parse(day))

/** Two or three askers, who ask one after the other; what is asked again finds what was kept of it. */
const asked = fc.uniqueArray(asker, { minLength: 1, maxLength: 3, selector: (one) => JSON.stringify(one) }).chain(
  (askers) =>
    fc.array(
      fc.tuple(
        fc.oneof(
          fc.record({ pipeline: fc.constantFrom("orders", "archive"), ask: fc.constantFrom(...texts) }),
          fc.record({ pipeline: fc.constant("orders"), ask: fc.constantFrom(...texts.slice(0, 7)) }),
          fc.record({ pipeline: fc.constant("archive"), ask: fc.constantFrom(...telling) })
        ),
        fc.record({ as: fc.constantFrom(...askers), at: fc.constantFrom(...days) })
      ).map(([what, who]) => ({ ...what, ...who })),
      { minLength: 4, maxLength: 12 }
    )
).map((all) => all.toSorted((a, b) => a.at - b.at) as ReadonlyArray<Asked>)

const kinds = fc.constantFrom({}, { e: "email" }, { e: "email" }, { e: "email", c: "text", id: "text", n: "text" })

/** Rules that look at what nobody but the analysis knows. */
const seen = fc.constantFrom<ReadonlyArray<object>>(
  [],
  [],
  [{ name: "no clear words", when: `data_sets.exists(d, d.seen == "clear")`, then: "approve" }],
  [{ name: "no sums", when: `data_sets.exists(d, d.seen == "aggregate")`, then: "deny" }]
)

const more = fc.record({
  columns: kinds,
  rules: seen,
  other: fc.constantFrom("deny", "filter"),
  otherwise: fc.constantFrom("allow", "allow", "allow", "deny")
})

const section = fc.tuple(arbitrarySection, more).map(
  ([raw, { columns, other, otherwise, rules }]) => ({
    ...raw,
    otherwise,
    rules: [...raw.rules, ...rules],
    taint: { ...raw.taint, run_claim: "run" },
    parties: Object.fromEntries(
      Object.entries<any>(raw.parties).map(([name, one]) => [name, {
        ...one,
        match: { issuer: "https://a", ...one.match }
      }])
    ),
    data_sets: Object.fromEntries(
      Object.entries<any>(raw.data_sets).map(([name, set]) => [name, {
        ...set,
        ...(set.zone_by === undefined ? {} : { zone_by: { column: set.zone_by, other_rows: other } }),
        on: Object.fromEntries(
          Object.entries<any>(set.on).map(([pipeline, { tables }]) => [pipeline, {
            tables: Object.fromEntries(Object.keys(tables).map((table) => [table, columns]))
          }])
        )
      }])
    )
  })
)

const pipeline = (at: string, port: number, plugins: ReadonlyArray<string>) => ({
  listen: `127.0.0.1:${port}`,
  tls: "off",
  protocol: { use: "postgres" },
  upstream: { address: `127.0.0.1:${port + 1000}`, at, tls: "off", credential: "DB", database: "main" },
  plugins: plugins.map((use) => use === "approval" ? { use, with: { approvers: ["dpo"] } } : { use })
})

export const arbitraryStory: fc.Arbitrary<Story> = fc.record({
  file: fc.tuple(section, arbitrarySurroundings, fc.constantFrom("p1", "p3", "p3")).map((
    [residency, around, away]
  ) => ({
    version: 1,
    gateway: { name: "gw", at: around.gateway },
    services: {
      tokens: { use: "oidc", with: { issuers: ["https://a", "https://b"].map(issuerOf) } },
      state: { use: "sqlite", with: { path: "./sluice.db" } },
      ledger: { use: "files", with: { directory: "./ledger", at: around.recorder ?? around.gateway } }
    },
    residency,
    pipelines: {
      orders: pipeline(around.orders, 6432, ["identity", "residency", "approval", "masking", "recording"]),
      archive: pipeline(away, 6433, ["identity", "residency", "recording"])
    }
  })),
  left: fc.constantFrom(2, 5, 5, 10),
  asked
})

function issuerOf(issuer: string) {
  return { issuer, audience: "sluice" }
}
