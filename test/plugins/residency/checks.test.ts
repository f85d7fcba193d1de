import { describe, expect, it } from "vitest"
import type { Resource } from "../../../core/index.ts"
import { ask, document, identity, inputs, issuer, now, section, table, worldOf } from "./fixture.ts"

const changed = (change: (raw: any) => void, more = {}) => {
  const raw = section()
  change(raw)
  return worldOf(raw, more)
}
const world = worldOf(section())
const two = (at: string, address = "archive.internal:5432") => ({
  pipelines: [...document(section()).pipelines, {
    name: "archive",
    at,
    address,
    plugins: ["residency"],
    mode: "enforce" as const
  }]
})
const endpoint = (name: string): Resource => ({ kind: "endpoint", name })

describe("identity", () => {
  const party = (subject: string, groups: Array<string> = [], from = issuer) =>
    ask(
      changed((raw) => {
        raw.parties = {
          all: { match: { issuer } },
          group: { match: { issuer, group: "g" } },
          pattern: { match: { issuer, subject: "a*" } },
          exact: { match: { issuer, subject: "ann" } },
          later: { match: { issuer, subject: "an*" } }
        }
        raw.transfers = []
      }),
      { as: identity(subject, { groups, issuer: from }) }
    ).party
  it("is the most specific party", () => {
    expect(party("ann", ["g"])).toBe("exact")
    expect(party("anna", ["g"])).toBe("pattern")
    expect(party("bob", ["g"])).toBe("group")
    expect(party("bob")).toBe("all")
    expect(party("ann", ["g"], "https://elsewhere")).toBeUndefined()
  })
  it("needs every actor to be known", () => {
    expect(ask(world, { actors: [identity("mallory")] })).toMatchObject({ decision: "deny", code: "identity" })
    expect(ask(world, { kind: "session", reads: [], actors: [identity("mallory")] }).code).toBe("identity")
  })
  it("without an issuer means the only one", () => {
    const analyst = (from: string) =>
      ask(world, { as: identity("x", { issuer: from, groups: ["analysts"], claims: { region: "de" } }) })
    expect(analyst(issuer).decision).toBe("allow")
    expect(analyst("https://elsewhere").code).toBe("identity")
  })
})

describe("resolve", () => {
  const open = changed((raw) => {
    raw.otherwise = "allow"
    raw.unresolved = "approve"
  })
  it("lets every known caller read the catalogue, cleared or not", () => {
    const reads: Array<Resource> = [{ kind: "catalogue", name: "pg_catalog.pg_class" }]
    expect(ask(world, { as: "agent-us-1", reads })).toMatchObject({ decision: "allow", reads: ["catalogue"] })
    expect(ask(world, { as: "mallory", reads }).code).toBe("identity")
  })
  it("never lets anyone at what is internal, or write the catalogue", () => {
    expect(ask(open, { reads: [{ kind: "internals", name: "pg_catalog.pg_stats" }] })).toMatchObject({
      code: "unclassified",
      reads: ["unclassified:pg_catalog.pg_stats"]
    })
    expect(ask(open, { writes: [{ kind: "catalogue", name: "pg_catalog.pg_class" }] }).code).toBe("unclassified")
  })
  it("holds what is not known where the file says so, as if it touched everything", () => {
    const unknown = { kind: "unknown", reads: [], resolved: false } as const
    expect(ask(open, unknown)).toMatchObject({ decision: "approve", reads: ["customers"], writes: ["customers"] })
    expect(ask(open, { ...unknown, as: "agent-away-1" })).toMatchObject({ decision: "deny", code: "residency" })
    expect(ask(open, { ...unknown, as: "agent-us-1" })).toMatchObject({ decision: "deny", code: "clearance" })
  })
  it("believes no operation that calls itself a session and touches data", () => {
    expect(ask(world, { as: "agent-us-1", kind: "session" }).code).toBe("clearance")
    expect(ask(world, { kind: "session", reads: [], resolved: false }).code).toBe("unresolved")
  })
  it("asks clearance for what names nothing but is no read", () => {
    for (const kind of ["define", "admin", "execute", "unknown", "write", "export"] as const) {
      expect(ask(world, { as: "agent-us-1", kind, reads: [] }).code, kind).toBe("clearance")
    }
  })
  it("finds data sets by the names that cover a resource, and by patterns", () => {
    const part = { kind: "table", name: "public.customers_2024", within: ["public.customers"] } as const
    expect(ask(world, { reads: [part] }).reads).toEqual(["customers"])
    const wide = changed((raw) => raw.data_sets.customers.on.orders.tables["crm.*"] = {})
    expect(ask(wide, { reads: [table("crm.leads")] }).reads).toEqual(["customers"])
    expect(ask(wide, { reads: [table("crmx.leads")] }).code).toBe("unclassified")
  })
  it("finds routes, objects, paths and topics by their own selectors only", () => {
    const routes = changed((raw) =>
      raw.data_sets.customers.on.orders.routes = { "GET /v1/people/*": { "/email": "email" } }
    )
    expect(ask(routes, { reads: [{ kind: "route", name: "GET /v1/people/7" }] }).reads).toEqual(["customers"])
    expect(ask(routes, { reads: [{ kind: "path", name: "GET /v1/people/7" }] }).code).toBe("unclassified")
  })
  it("denies on a pipeline that it does not know", () => {
    expect(ask(world, { pipeline: "other" })).toMatchObject({ decision: "deny", outcome: "deny", code: "unresolved" })
  })
  it("is not misled by names that objects have by themselves", () => {
    for (const name of ["constructor", "__proto__", "toString"]) {
      expect(ask(world, { reads: [table(name)] }).code).toBe("unclassified")
      expect(ask(world, { pipeline: name }).code).toBe("unresolved")
    }
  })
})

describe("clearance", () => {
  it("is of the upstream's place, whole", () => {
    const wide = changed((raw) => raw.parties["home-agent"].clearance = ["de"], {
      pipelines: [{ ...document(section()).pipelines[0]!, at: "eu" }]
    })
    expect(ask(wide, {}).code).toBe("clearance")
    expect(ask(world, {}).decision).toBe("allow")
  })
  it("is none when none is given", () => {
    expect(ask(changed((raw) => delete raw.parties["home-agent"].clearance), {}).code).toBe("clearance")
  })
  it("is asked for data in no data set too", () => {
    expect(ask(changed((raw) => raw.otherwise = "allow"), { as: "agent-us-1", reads: [table("a.b")] }).code).toBe(
      "clearance"
    )
  })
  it("is of every home that a row may have", () => {
    const mixed = (clearance: Array<string>, at: string) =>
      ask(
        changed((raw) => {
          Object.assign(raw.data_sets.customers, { home: ["de", "us-east"], zone_by: "region" })
          Object.assign(raw.parties["home-agent"], { clearance, at, model: undefined })
          delete raw.parties["home-agent"].model
        }),
        {}
      )
    expect(mixed(["eu"], "de").code).toBe("clearance")
    expect(mixed(["eu", "us"], "de").code).toBe("residency")
  })
})

describe("evidence", () => {
  const demanding = (change: (raw: any) => void = () => {}) =>
    changed((raw) => {
      raw.data_sets.customers.evidence = "workload"
      change(raw)
    })
  it("must reach the grade, of the caller, its model and every actor", () => {
    expect(ask(demanding(), {}).code).toBe("evidence")
    expect(ask(demanding(), { evidence: "workload" }).decision).toBe("allow")
    expect(ask(demanding(), { evidence: "attested" }).decision).toBe("allow")
    expect(ask(demanding(), { evidence: "network" }).code).toBe("evidence")
    const stated = demanding((raw) => raw.parties["home-agent"].evidence = "workload")
    expect(ask(stated, {}).decision).toBe("allow")
    const weak = demanding((raw) => {
      raw.parties["home-agent"].evidence = "workload"
      raw.parties["home-agent"].model.evidence = "asserted"
    })
    expect(ask(weak, {}).checks.find(({ outcome }) => outcome === "deny")?.sink).toBe("model:home-agent")
    expect(
      ask(demanding(), { evidence: "attested", actors: [identity("agent-home-2")] }).checks.find(({ outcome }) =>
        outcome === "deny"
      )?.sink
    )
      .toBe("actor:agent-home-2")
  })
  it("is unknown where the place is", () => {
    const lost = demanding((raw) =>
      raw.parties["home-agent"] = { match: { subject: "agent-home-*" }, clearance: ["eu"], evidence: "attested" }
    )
    expect(ask(lost, {}).code).toBe("evidence")
  })
})

describe("home", () => {
  const deniedSinks = (receipt: ReturnType<typeof ask>) =>
    receipt.checks.filter(({ outcome, check }) => outcome === "deny" && check === "home").map(({ sink }) => sink)
  it("may be a zone at a zone", () => {
    expect(ask(changed((raw) => raw.parties["home-agent"].at = "eu"), {}).decision).toBe("allow")
    const half = changed((raw) => {
      raw.zones.both = { includes: ["eu", "us-east"] }
      raw.parties["home-agent"].at = "both"
    })
    expect(deniedSinks(ask(half, {}))).toEqual(["caller"])
  })
  it("is not where nobody knows", () => {
    for (const at of [undefined, "unknown"]) {
      const lost = changed((raw) => {
        if (at === undefined) delete raw.parties["home-agent"].at
        else raw.parties["home-agent"].at = at
        raw.data_sets.customers.otherwise = "approve"
        raw.transfers.push({ ...raw.transfers[0], id: "any", recipients: "any", requires: [] })
      })
      expect(ask(lost, {})).toMatchObject({ decision: "deny", code: "residency" })
    }
  })
  it("reads places from claims, and believes no other value", () => {
    const from = (region: unknown) => ask(world, { as: identity("x", { groups: ["analysts"], claims: { region } }) })
    expect(from("de").decision).toBe("allow")
    expect(from("eu").decision).toBe("allow")
    for (const value of ["us-east", "mars", "DE", "unknown", "", 3, ["de"], null, { de: 1 }, undefined, "__proto__"]) {
      expect(from(value).code, JSON.stringify(value)).toBe("residency")
    }
  })
  it("judges actors and their models like the caller", () => {
    const receipt = ask(world, {
      actors: [identity("agent-support-1"), identity("agent-away-1")],
      kind: "write",
      writes: [table("public.customers")],
      reads: []
    })
    expect(receipt.sinks.map(({ sink }) => sink)).toEqual([
      "caller",
      "actor:agent-support-1",
      "actor:agent-away-1",
      "model:home-agent",
      "model:support-agent",
      "gateway",
      "recorder",
      "upstream:orders"
    ])
    expect(deniedSinks(receipt)).toEqual(["actor:agent-away-1", "model:support-agent"])
  })
  it("has no recorder where nothing records", () => {
    expect(ask(worldOf(section(), { recorder: undefined }), {}).sinks.map(({ sink }) => sink)).not.toContain("recorder")
  })
  it("counts masked data, unless the data set lets it leave", () => {
    const seen = { customers: "masked" } as const
    expect(ask(world, { as: "agent-away-1", seen }).code).toBe("residency")
    const leaving = changed((raw) => raw.data_sets.customers.masked = "leaves")
    expect(ask(leaving, { as: "agent-away-1", seen })).toMatchObject({ decision: "allow", obligations: [] })
    expect(ask(leaving, { as: "agent-away-1" }).code).toBe("residency")
    expect(ask(leaving, { as: "agent-away-1", seen, writes: [table("public.customers")], reads: [] }).code).toBe(
      "residency"
    )
    const away = changed((raw) => raw.data_sets.customers.masked = "leaves", { gateway: { name: "g", at: "us-east" } })
    expect(deniedSinks(ask(away, { seen }))).toEqual(["gateway"])
  })
})

describe("transfers", () => {
  const asking = (change: (one: any, raw: any) => void, more: Parameters<typeof ask>[1] = {}) =>
    ask(changed((raw) => change(raw.transfers[0], raw)), { as: "agent-support-1", ...more })
  it("hold from their first to their last instant", () => {
    const at = (instant: string) =>
      asking((one) => one.valid_from = "2026-06-01", { now: Date.parse(instant) }).decision
    expect(at("2026-05-31T23:59:59.999Z")).toBe("deny")
    expect(at("2026-06-01T00:00:00Z")).toBe("mask")
    expect(at("2027-06-30T23:59:59.999Z")).toBe("mask")
    expect(at("2027-07-01T00:00:00Z")).toBe("deny")
    const until = (instant: string) =>
      asking((one) => one.valid_until = "2026-12-01T12:00:00Z", { now: Date.parse(instant) }).decision
    expect(until("2026-12-01T11:59:59.999Z")).toBe("mask")
    expect(until("2026-12-01T12:00:00Z")).toBe("deny")
  })
  it("cover what they name and nothing else", () => {
    expect(asking((one) => one.operations = ["export"]).code).toBe("residency")
    expect(asking((one) => one.recipients = ["analyst"]).code).toBe("residency")
    expect(asking((one) => one.to = "us-west").code).toBe("residency")
    expect(asking((one) => one.from = "fr").code).toBe("residency")
    expect(
      asking((one) => Object.assign(one, { data_sets: undefined, classes: ["personal"] }) && delete one.data_sets)
        .decision
    ).toBe("mask")
    expect(
      asking((one, raw) => {
        delete one.data_sets
        one.classes = ["health"]
        raw.data_sets.customers.classes = []
      }).code
    ).toBe("residency")
    expect(asking((one) => one.recipients = "any").decision).toBe("mask")
    expect(asking((one) => delete one.operations).decision).toBe("mask")
  })
  it("are taken the mildest first, and then by id", () => {
    const cited = (...more: Array<object>) =>
      asking((one, raw) => raw.transfers.push(...more.map((extra) => ({ ...one, ...extra })))).checks.find((
        { sink, check }
      ) => sink === "model:support-agent" && check === "home")?.cites
    expect(cited({ id: "zz", requires: [] })).toBe("zz")
    expect(cited({ id: "aa", requires: ["approve"] })).toBe("scc-2026-014")
    expect(cited({ id: "aa" })).toBe("aa")
  })
  it("may require approval, and both", () => {
    expect(asking((one) => one.requires = ["approve"])).toMatchObject({ decision: "approve", outcome: "approve" })
    expect(asking((one) => one.requires = ["mask", "approve"])).toMatchObject({
      decision: "approve",
      obligations: [{ obligation: "approve" }, { obligation: "mask" }]
    })
  })
  it("that require a mask do not cover a write, whoever writes", () => {
    expect(asking((one) => one.operations = ["write"], { writes: [table("public.customers")] }).code).toBe("residency")
    expect(
      asking((one) => Object.assign(one, { operations: ["write"], requires: [] }), {
        writes: [table("public.customers")]
      }).decision
    ).toBe("allow")
  })
  it("can name the recorder, the gateway and the upstream", () => {
    const covered = (recipient: string, more: object, asking = {}) =>
      ask(
        changed((raw) => {
          raw.transfers = [{
            ...raw.transfers[0],
            from: "us",
            recipients: [recipient],
            requires: [],
            operations: ["read", "write"]
          }]
          raw.parties["home-agent"].clearance = ["eu", "us"]
        }, { pipelines: [{ ...document(section()).pipelines[0]!, at: "us-east" }], ...more }),
        asking
      ).decision
    expect(covered("gateway", { gateway: { name: "g", at: "us-east" } })).toBe("allow")
    expect(covered("recorder", { gateway: { name: "g", at: "us-east" } })).toBe("deny")
    expect(covered("recorder", { recorder: { at: "us-west" } })).toBe("allow")
    expect(covered("upstream:orders", {}, { writes: [table("public.customers")] })).toBe("allow")
    expect(covered("gateway", {}, { writes: [table("public.customers")] })).toBe("deny")
  })
})

describe("exceptions", () => {
  const exception = {
    id: "inc-4711",
    reason: "outage",
    owner: "dpo@example.com",
    data_sets: ["customers"],
    recipients: ["away-agent"],
    to: "us",
    operations: ["read"],
    valid_until: "2026-12-01T12:00:00Z"
  }
  const excepted = changed((raw) => raw.exceptions = [exception])
  it("allow until they end, citing themselves", () => {
    const receipt = ask(excepted, { as: "agent-away-1", now: Date.parse("2026-12-01T11:59:59.999Z") })
    expect(receipt.decision).toBe("allow")
    expect(receipt.checks.map(({ cites }) => cites)).toContain("inc-4711")
    expect(ask(excepted, { as: "agent-away-1", now: Date.parse("2026-12-01T12:00:00Z") }).code).toBe("residency")
  })
  it("come after transfers", () => {
    const both = changed((raw) => {
      raw.exceptions = [{ ...exception, recipients: "any" }]
      raw.transfers[0].recipients = "any"
    })
    expect(ask(both, { as: "agent-away-1" }).decision).toBe("mask")
  })
  it("do not widen clearance", () => {
    expect(ask(changed((raw) => raw.exceptions = [{ ...exception, recipients: "any" }]), { as: "agent-us-1" }).code)
      .toBe("clearance")
  })
})

describe("landing", () => {
  const writes = [table("public.customers")]
  it("judges the upstream where something is written", () => {
    const away = changed((raw) => raw.parties["home-agent"].clearance = ["eu", "us"], {
      pipelines: [{ ...document(section()).pipelines[0]!, at: "us-east" }]
    })
    expect(ask(away, {}).decision).toBe("allow")
    const receipt = ask(away, { writes })
    expect(receipt).toMatchObject({ decision: "deny", code: "residency" })
    expect(receipt.checks.find(({ outcome }) => outcome === "deny")).toMatchObject({
      check: "landing",
      sink: "upstream:orders",
      at: "us-east"
    })
  })
  it("knows a declared upstream by its address", () => {
    const move = (name: string, at: string) =>
      ask(worldOf(section(), two(at)), { kind: "move", writes: [endpoint(name)], reads: [table("public.customers")] })
    expect(move("archive.internal:5432", "fr").decision).toBe("allow")
    expect(move("Archive.Internal.:5432", "fr").decision).toBe("allow")
    expect(move("archive.internal:5433", "fr").code).toBe("residency")
    expect(move("archive.internal:5432", "us-east").code).toBe("residency")
    expect(move("unknown", "fr").code).toBe("residency")
  })
  it("lets no mask cover what a server ships", () => {
    const shipping = (requires: Array<string>) =>
      ask(
        changed(
          (raw) =>
            raw.transfers = [{ ...raw.transfers[0], recipients: ["upstream:archive"], operations: ["move"], requires }],
          two("us-east")
        ),
        {
          kind: "move",
          writes: [endpoint("archive.internal:5432")],
          reads: [table("public.customers")]
        }
      ).decision
    expect(shipping([])).toBe("allow")
    expect(shipping(["mask"])).toBe("deny")
  })
  it("takes a move that names no data to ship everything", () => {
    const receipt = ask(worldOf(section(), two("us-east")), {
      kind: "move",
      reads: [],
      writes: [endpoint("archive.internal:5432")]
    })
    expect(receipt).toMatchObject({ code: "residency", reads: ["customers"] })
  })
  it("takes a move without an endpoint to go nowhere known", () => {
    expect(ask(world, { kind: "move", reads: [table("public.customers")] })).toMatchObject({ code: "residency" })
  })
  it("judges an endpoint whatever the operation calls itself", () => {
    expect(ask(world, { kind: "read", reads: [table("public.customers"), endpoint("x:1")] }).code).toBe("residency")
  })
})

describe("the answer", () => {
  it("has the code of the first failing check", () => {
    const all = {
      as: identity("mallory"),
      reads: [table("a.b"), table("public.customers")],
      resolved: false,
      kind: "unknown"
    } as const
    expect(ask(world, all).code).toBe("identity")
    expect(ask(world, { ...all, as: "agent-us-1" }).code).toBe("unresolved")
    expect(ask(world, { ...all, as: "agent-us-1", resolved: true }).code).toBe("unclassified")
  })
  it("is a denial where the pipeline cannot carry it out", () => {
    const without = (plugins: Array<string>, change: (raw: any) => void = () => {}) =>
      ask(changed(change, { pipelines: [{ ...document(section()).pipelines[0]!, plugins }] }), {
        as: "agent-support-1"
      })
    expect(without(["approval"])).toMatchObject({
      decision: "mask",
      outcome: "deny",
      outcome_code: "masking_unavailable"
    })
    expect(without(["masking"]).outcome).toBe("mask")
    expect(without(["masking"], (raw) => raw.transfers[0].requires = ["approve"])).toMatchObject({
      decision: "approve",
      outcome: "deny",
      outcome_code: "approval_unavailable"
    })
    expect(without(["approval"], (raw) => raw.transfers[0].requires = ["approve", "mask"])).toMatchObject({
      decision: "approve",
      outcome: "deny",
      outcome_code: "masking_unavailable"
    })
  })
  it("passes in shadow, and says what it would have been", () => {
    const shadow = worldOf(section(), { pipelines: [{ ...document(section()).pipelines[0]!, mode: "shadow" }] })
    expect(ask(shadow, { as: "agent-away-1" })).toMatchObject({
      decision: "deny",
      code: "residency",
      outcome: "allow",
      outcome_code: "shadow"
    })
    expect(ask(shadow, {})).not.toHaveProperty("outcome_code")
  })
  it("passes where only a data set in shadow objects", () => {
    const shadow = changed((raw) => raw.data_sets.customers.mode = "shadow")
    expect(ask(shadow, { as: "agent-away-1" })).toMatchObject({
      decision: "deny",
      outcome: "allow",
      outcome_code: "shadow"
    })
    expect(ask(shadow, { as: "agent-us-1" })).toMatchObject({
      decision: "deny",
      outcome: "deny",
      outcome_code: "clearance"
    })
    expect(ask(shadow, { reads: [table("a.b"), table("public.customers")] }).outcome).toBe("deny")
  })
  it("is the same when it is asked again from stored inputs", () => {
    const stored = inputs({ as: "agent-support-1", now })
    const first = ask(world, { as: "agent-support-1", now })
    const again = JSON.parse(JSON.stringify(stored))
    expect(ask(world, { as: "agent-support-1" })).toEqual(first)
    expect(first.inputs).toMatch(/^[0-9a-f]{64}$/)
    expect(again).toEqual(stored)
    expect(ask(world, { as: "agent-support-2" }).inputs).not.toBe(first.inputs)
  })
})
