import { describe, expect, it } from "vitest"
import { type PolicyDocument, State } from "../../../core/index.ts"
import { compileWorld } from "../../../plugins/residency/compile/compile-world.ts"
import { document, kinds, section } from "./fixture.ts"
import { changed } from "./harness.ts"

type Change = (raw: any) => void
type Case = readonly [what: string, change: Change, path: string, message: RegExp, more?: Partial<PolicyDocument>]

const named = ([what, change, path, message, more]: Case) => ({ what, change, path, message, more: more ?? {} })

const compiled = (change: Change, more: Partial<PolicyDocument> = {}) => {
  const raw = section()
  change(raw)
  return compileWorld(document(raw, more), { kinds })
}
const transfer = (raw: any) => raw.transfers[0]
const pipeline = (more: object) => ({ pipelines: [{ ...document(section()).pipelines[0]!, ...more }] })

describe("compiling a policy", () => {
  it("finds nothing wrong with the example", () => {
    const { world, problems } = compiled(() => {})
    expect(world).toBeDefined()
    expect(problems).toEqual([])
  })

  const errors: ReadonlyArray<Case> = [
    [
      "an unknown home",
      (raw) => raw.data_sets.customers.home = ["eu", "eq"],
      "residency.data_sets.customers.home.1",
      /zone eq does not exist/
    ],
    ["no home", (raw) => raw.data_sets.customers.home = [], "residency.data_sets.customers.home", /has no home/],
    [
      "an unknown pipeline",
      (raw) => raw.data_sets.customers.on.order = {},
      "residency.data_sets.customers.on.order",
      /pipeline order does not/
    ],
    [
      "an unknown kind",
      (raw) => raw.data_sets.customers.on.orders.tables["public.customers"].ssn = "us_sn",
      "residency.data_sets.customers.on.orders.tables.public.customers.ssn",
      /kind us_sn does not exist/
    ],
    [
      "an unknown place of a party",
      (raw) => raw.parties["home-agent"].at = "dde",
      "residency.parties.home-agent.at",
      /zone dde/
    ],
    [
      "an unknown place of a model",
      (raw) => raw.parties["home-agent"].model.at = "x",
      "residency.parties.home-agent.model.at",
      /zone x/
    ],
    ["an unknown law", (raw) => raw.parties["home-agent"].under = "x", "residency.parties.home-agent.under", /zone x/],
    [
      "an unknown clearance",
      (raw) => raw.parties["home-agent"].clearance = ["x"],
      "residency.parties.home-agent.clearance.0",
      /zone x/
    ],
    [
      "a party that is everyone",
      (raw) => raw.parties["home-agent"].match = {},
      "residency.parties.home-agent.match",
      /match everyone/
    ],
    [
      "a reserved party",
      (raw) => raw.parties["gateway"] = raw.parties.analyst,
      "residency.parties.gateway",
      /cannot be the name/
    ],
    [
      "a reserved data set",
      (raw) => raw.data_sets.catalogue = { ...raw.data_sets.customers },
      "residency.data_sets.catalogue",
      /cannot be the name/
    ],
    ["an unknown from", (raw) => transfer(raw).from = "x", "residency.transfers.0.from", /zone x/],
    ["an unknown to", (raw) => transfer(raw).to = "x", "residency.transfers.0.to", /zone x/],
    [
      "an unknown data set",
      (raw) => transfer(raw).data_sets = ["customer"],
      "residency.transfers.0.data_sets.0",
      /data set customer /
    ],
    [
      "an unknown recipient",
      (raw) => transfer(raw).recipients = ["nobody"],
      "residency.transfers.0.recipients.0",
      /party nobody/
    ],
    [
      "an unknown upstream",
      (raw) => transfer(raw).recipients = ["upstream:x"],
      "residency.transfers.0.recipients.0",
      /pipeline x/
    ],
    ["no recipient", (raw) => transfer(raw).recipients = [], "residency.transfers.0.recipients", /no recipient/],
    ["nothing covered", (raw) => delete transfer(raw).data_sets, "residency.transfers.0", /covers nothing/],
    [
      "an end before its beginning",
      (raw) => transfer(raw).valid_from = "2027-07-01",
      "residency.transfers.0.valid_until",
      /ends before/
    ],
    ["an id twice", (raw) => raw.transfers.push({ ...transfer(raw) }), "residency.transfers.1.id", /used twice/],
    [
      "an id of an exception too",
      (raw) =>
        raw.exceptions = [{
          id: "scc-2026-014",
          reason: "r",
          owner: "o",
          data_sets: ["customers"],
          recipients: "any",
          to: "us",
          valid_until: "2027-01-01"
        }],
      "residency.exceptions.0.id",
      /used twice/
    ],
    [
      "a rule twice",
      (raw) => raw.rules = [1, 2].map(() => ({ name: "r", when: "true", then: "deny" })),
      "residency.rules.1.name",
      /twice/
    ],
    ["the gateway nowhere", () => {}, "gateway.at", /zone mars/, { gateway: { name: "g", at: "mars" } }],
    ["the recorder nowhere", () => {}, "services.ledger.with.at", /zone mars/, { recorder: { at: "mars" } }],
    ["an upstream nowhere", () => {}, "pipelines.orders.upstream.at", /zone mars/, pipeline({ at: "mars" })],
    ["no issuer where there are several", () => {}, "residency.parties.analyst.match", /names no issuer/, {
      issuers: ["https://login.example.com", "https://b"]
    }]
  ]
  it.each(errors.map(named))("refuses $what", ({ change, path, message, more }) => {
    const { world, problems } = compiled(change, more)
    expect(world).toBeUndefined()
    const found = problems.filter((problem) => problem.severity === "error")
    expect(found.map((problem) => problem.path.join("."))).toContain(path)
    expect(found.map((problem) => problem.message).join("\n")).toMatch(message)
    for (const problem of found) expect(problem.remedy).not.toBe("")
  })

  const rules: ReadonlyArray<readonly [when: string, message: RegExp]> = [
    ["operation.kind ==", /Unexpected token/],
    ["nobody.here", /Unknown variable/],
    ["1 + 1", /yields int, not bool/],
    ["caller.subject.matches('a+')", /regular expressions/],
    ["sinks.exists(a, sinks.exists(b, sinks.exists(c, a == b && b == c)))", /nest deeper/],
    ["true && ".repeat(300) + "true", /./],
    ["x".repeat(5000), /longer than/]
  ]
  it.each(rules)("refuses the rule %#", (when, message) => {
    const { world, problems } = compiled((raw) => raw.rules = [{ name: "r", when, then: "deny" }])
    expect(world).toBeUndefined()
    expect(problems[0]?.path).toEqual(["residency", "rules", 0, "when"])
    expect(problems[0]?.message).toMatch(message)
  })

  const warnings: ReadonlyArray<Case> = [
    [
      "equal matches",
      (raw) => raw.parties.twin = { ...raw.parties["home-agent"], match: { subject: "agent-*" } },
      "residency.parties.twin.match",
      /the one that stands first/
    ],
    [
      "groups that one may share",
      (raw) => raw.parties.other = { ...raw.parties.analyst, match: { group: "b" } },
      "residency.parties.other.match",
      /other and analyst equally/
    ],
    [
      "data that rests outside its home",
      () => {},
      "residency.data_sets.customers.on.orders",
      /outside its home/,
      pipeline({ at: "us-east" })
    ],
    [
      "masks nobody makes",
      () => {},
      "residency.transfers.0.requires",
      /no masking plugin/,
      pipeline({ plugins: ["identity", "residency"] })
    ],
    [
      "approvals nobody asks for",
      (raw) => transfer(raw).requires = ["approve"],
      "residency.transfers.0.requires",
      /no approval plugin/,
      pipeline({ plugins: ["residency"] })
    ],
    [
      "a data set that wants approvals",
      (raw) => raw.data_sets.customers.otherwise = "approve",
      "residency.data_sets.customers.otherwise",
      /approval_unavailable/,
      pipeline({ plugins: ["residency"] })
    ],
    ["taint in shadow", (raw) => raw.taint = { mode: "shadow" }, "residency.taint.mode", /in shadow mode/],
    [
      "caps on what cannot be counted",
      (raw) =>
        Object.assign(transfer(raw), { subjects_max: { count: 5, window: "365d" }, operations: ["read", "move"] }),
      "residency.transfers.0.operations",
      /what move carries away cannot be counted/
    ],
    [
      "caps without a subject",
      (raw) => transfer(raw).subjects_max = { count: 5, window: "365d" },
      "residency.data_sets.customers",
      /scc-2026-014 counts people: every row will count/
    ],
    [
      "subjects that are nowhere",
      (raw) => raw.data_sets.customers.subject = "customers.id",
      "residency.data_sets.customers.subject",
      /column of no table/
    ],
    [
      "a transfer from where nothing is",
      (raw) => transfer(raw).from = "us",
      "residency.transfers.0.from",
      /no upstream that holds its data is in us/
    ],
    [
      "an exception that a transfer hides",
      (raw) =>
        raw.exceptions = [{
          id: "e",
          reason: "r",
          owner: "o",
          data_sets: ["customers"],
          recipients: "any",
          to: "us",
          valid_until: "2027-01-01"
        }],
      "residency.exceptions.0",
      /e stands behind transfer scc-2026-014/
    ],
    [
      "a zone that nothing names",
      (raw) => {
        raw.zones.lost = { includes: ["atlantis"] }
        raw.parties.analyst.at = "de"
      },
      "residency.zones.lost",
      /named nowhere/
    ],
    [
      "free masks without a cap",
      (raw) => transfer(raw).masked = "free",
      "residency.transfers.0.masked",
      /no effect/
    ],
    [
      "tables whose rows are not told apart",
      (raw) => raw.data_sets.customers.zone_by = "public.customers.region",
      "residency.data_sets.customers.zone_by",
      /rows of public.invoices have no column/
    ],
    ["a party nowhere", (raw) => delete raw.parties["home-agent"].at, "residency.parties.home-agent", /no known place/],
    [
      "a party without clearance",
      (raw) => delete raw.parties["home-agent"].clearance,
      "residency.parties.home-agent",
      /no clearance/
    ],
    [
      "an issuer that is not trusted",
      (raw) => raw.parties["home-agent"].match.issuer = "https://c",
      "residency.parties.home-agent.match.issuer",
      /can match nobody/
    ],
    [
      "a table without its schema",
      (raw) => raw.data_sets.customers.on.orders.tables.people = {},
      "residency.data_sets.customers.on.orders.tables.people",
      /will not be found/
    ],
    ["a data set nowhere", (raw) => raw.data_sets.lost = { home: ["eu"] }, "residency.data_sets.lost", /is nowhere/],
    [
      "a class nobody carries",
      (raw) => transfer(raw).classes = ["helth"],
      "residency.transfers.0.classes.0",
      /no data set carries/
    ],
    ["shadow", () => {}, "pipelines.orders", /shadow mode/, pipeline({ mode: "shadow" })],
    [
      "a data set in shadow",
      (raw) => raw.data_sets.customers.mode = "shadow",
      "residency.data_sets.customers.mode",
      /shadow mode/
    ]
  ]
  it.each(warnings.map(named))("warns of $what", ({ change, path, message, more }) => {
    const { world, problems } = compiled(change, more)
    expect(world).toBeDefined()
    const found = problems.find((problem) => problem.path.join(".") === path && message.test(problem.message))
    expect(found, JSON.stringify(problems)).toMatchObject({ severity: "warning" })
  })
  it("does not know parents of runs that have no name", () => {
    const { problems, world } = compiled((raw) => raw.taint = { parent_run_claim: "parent" })
    expect(world).toBeUndefined()
    expect(problems[0]?.path).toEqual(["residency", "taint", "parent_run_claim"])
  })
  it("warns of what has run out, and only then", () => {
    const policy = changed((raw) => raw.transfers[0].valid_until = "2026-11-22")
    const warned = (now: number | undefined) => compileWorld(policy, { now }).problems.map(({ message }) => message)
    const text = "scc-2026-014 has run out, and covers nothing any more"
    expect(warned(Date.parse("2026-11-23T00:00:00Z"))).toContain(text)
    expect(warned(Date.parse("2026-11-22T23:59:59.999Z"))).not.toContain(text)
    expect(warned(undefined)).not.toContain(text)
  })
  it("warns of caps whose count ends with the gateway", () => {
    const policy = changed((raw) => raw.transfers[0].subjects_max = { count: 5, window: "365d" })
    const warnings = (services: ReadonlyArray<string> | undefined) =>
      compileWorld(policy, { services }).problems.filter(({ message }) => message.includes("nowhere to keep"))
    expect(warnings([])).toMatchObject([
      { severity: "warning", path: ["residency", "transfers", 0, "subjects_max"] }
    ])
    expect(warnings([State.key])).toEqual([])
    expect(warnings(undefined)).toEqual([])
  })
  it("does not warn of taint that is off", () => {
    expect(compiled((raw) => raw.taint = { mode: "off" }).problems).toEqual([])
  })
  it("warns of a column that two data sets call differently", () => {
    const { problems } = compiled((raw) => {
      raw.data_sets.other = {
        home: ["eu"],
        on: { orders: { tables: { "public.customers": { ssn: "card", email: "email" } } } }
      }
    })
    expect(problems).toEqual([
      expect.objectContaining({
        severity: "warning",
        message: "public.customers ssn is card here and us_ssn in another data set"
      })
    ])
  })
  it("compiles a large file in a moment's work for each entry", () => {
    const { world } = compiled((raw) => {
      for (let index = 0; index < 1500; index++) {
        raw.data_sets[`d${index}`] = {
          home: ["eu"],
          classes: ["c"],
          on: { orders: { tables: { [`s.t${index}`]: {} } } }
        }
        raw.parties[`p${index}`] = { match: { subject: `s${index}-*` }, at: "de", clearance: ["eu"] }
        raw.transfers.push({ ...transfer(raw), id: `t${index}`, recipients: [`p${index}`] })
      }
    })
    expect(world?.dataSets.size).toBe(1501)
  })
  it("suggests the nearest name", () => {
    const { problems } = compiled((raw) => raw.data_sets.customers.home = ["us-eats"])
    expect(problems[0]?.remedy).toBe("Did you mean us-east?")
  })
  it("says all errors at once", () => {
    const { problems } = compiled((raw) => {
      raw.data_sets.customers.home = ["x"]
      transfer(raw).to = "y"
      raw.parties.analyst.clearance = ["z"]
    })
    expect(problems.filter(({ severity }) => severity === "error").length).toBe(3)
  })
  it("refuses what was not decoded", () => {
    const { world, problems } = compileWorld({ ...document(section()), residency: { zones: 3 } })
    expect(world).toBeUndefined()
    expect(problems[0]?.path).toEqual(["residency"])
  })
  it("has limits", () => {
    const zones = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`z${index}`, {}]))
    expect(compiled((raw) => raw.zones = zones).problems[0]?.message).toMatch(/1001 entries are more than the 1000/)
  })
  it("gives one address at two places no place", () => {
    const one = document(section()).pipelines[0]!
    const { world, problems } = compiled(() => {}, {
      pipelines: [one, { ...one, name: "mirror", at: "us-east", address: "ORDERS-DB.internal.:5432" }]
    })
    expect(world?.endpoints.get("orders-db.internal:5432")?.at.name).toBe("unknown")
    expect(problems.some(({ message }) => /in another place/.test(message))).toBe(true)
  })
})
