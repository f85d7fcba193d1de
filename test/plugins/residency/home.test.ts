import { describe, expect, it } from "vitest"
import { ask, document, identity, section, table, worldOf } from "./fixture.ts"

const changed = (change: (raw: any) => void, more = {}) => {
  const raw = section()
  change(raw)
  return worldOf(raw, more)
}
const world = worldOf(section())

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
