import { describe, expect, it } from "vitest"
import type { Resource } from "../../../core/index.ts"
import { ask, document, identity, issuer, section, table, worldOf } from "./fixture.ts"

const changed = (change: (raw: any) => void, more = {}) => {
  const raw = section()
  change(raw)
  return worldOf(raw, more)
}
const world = worldOf(section())

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
