import { describe, expect, it } from "vitest"
import { ask, identity, section, table, worldOf } from "./fixture.ts"

const world = worldOf(section())

/** The published table of decisions, by number. Rows about what a run has seen come with the label. */
describe("the table of decisions", () => {
  it("1: an agent at home with its model at home reads", () => {
    const receipt = ask(world, {})
    expect(receipt).toMatchObject({ decision: "allow", outcome: "allow", reads: ["customers"], party: "home-agent" })
    expect(receipt.sinks.map(({ sink }) => sink)).toEqual(["caller", "model:home-agent", "gateway", "recorder"])
    expect(receipt.code).toBeUndefined()
  })
  it("2: an agent outside home without a transfer is refused, or held where the data set says so", () => {
    expect(ask(world, { as: "agent-away-1" })).toMatchObject({ decision: "deny", code: "residency" })
    const raw = section()
    raw.data_sets.customers.otherwise = "approve"
    expect(ask(worldOf(raw), { as: "agent-away-1" })).toMatchObject({ decision: "approve", outcome: "approve" })
  })
  it("3: a model outside home sees masked columns under a transfer", () => {
    const receipt = ask(world, { as: "agent-support-7" })
    expect(receipt.decision).toBe("mask")
    expect(receipt.obligations).toEqual([{ obligation: "mask", data_set: "customers", cites: "scc-2026-014" }])
    const cited = receipt.checks.filter(({ cites }) => cites === "scc-2026-014")
    expect(cited.map(({ sink }) => sink)).toEqual(["model:support-agent"])
  })
  it("4: not after the transfer has ended", () => {
    const last = Date.parse("2027-06-30T23:59:59.999Z")
    expect(ask(world, { as: "agent-support-7", now: last }).decision).toBe("mask")
    expect(ask(world, { as: "agent-support-7", now: last + 1 })).toMatchObject({ decision: "deny", code: "residency" })
  })
  it("5: an agent cleared for elsewhere is refused", () => {
    expect(ask(world, { as: "agent-us-1" })).toMatchObject({ decision: "deny", code: "clearance" })
  })
  it("6: a chain has the clearance that all of it has", () => {
    const analyst = identity("ann", { groups: ["analysts"], claims: { region: "de" } })
    expect(ask(world, { as: analyst }).decision).toBe("allow")
    const receipt = ask(world, { as: analyst, actors: [identity("agent-us-1")] })
    expect(receipt).toMatchObject({ decision: "deny", code: "clearance" })
    expect(receipt.checks.find(({ outcome }) => outcome === "deny")?.sink).toBe("actor:agent-us-1")
  })
  it("7: a table in no data set is refused, unless the file says otherwise", () => {
    const reads = [table("public.other", "x")]
    expect(ask(world, { reads })).toMatchObject({
      decision: "deny",
      code: "unclassified",
      reads: ["unclassified:public.other"]
    })
    expect(ask(worldOf({ ...section(), otherwise: "allow" }), { reads }).decision).toBe("allow")
  })
  it("8: what cannot be analysed is refused", () => {
    expect(ask(world, { kind: "unknown", reads: [], resolved: false })).toMatchObject({
      decision: "deny",
      code: "unresolved"
    })
  })
  it("11: the recorder is a sink", () => {
    const receipt = ask(worldOf(section(), { recorder: { at: "us-east" } }), {})
    expect(receipt).toMatchObject({ decision: "deny", code: "residency" })
    expect(receipt.checks.filter(({ outcome }) => outcome === "deny").map(({ sink }) => sink)).toEqual(["recorder"])
  })
  it("12: who matches no party is refused, whatever is asked", () => {
    expect(ask(world, { as: "mallory" })).toMatchObject({ decision: "deny", code: "identity" })
    expect(ask(world, { as: "mallory", kind: "session", reads: [] })).toMatchObject({
      decision: "deny",
      code: "identity"
    })
  })
  it("13: a move to an undeclared host is refused", () => {
    const receipt = ask(world, { kind: "move", reads: [], writes: [{ kind: "endpoint", name: "evil.example:5432" }] })
    expect(receipt).toMatchObject({ decision: "deny", code: "residency" })
    expect(receipt.sinks.at(-1)).toEqual({ sink: "endpoint:evil.example:5432", at: "unknown" })
  })
  it("16: a mask cannot cover a write", () => {
    expect(ask(world, { as: "agent-support-7", writes: [table("public.customers", "name")] })).toMatchObject({
      decision: "deny",
      code: "residency"
    })
    const raw = section()
    raw.transfers[0].operations = ["read", "write"]
    expect(ask(worldOf(raw), { as: "agent-support-7", writes: [table("public.customers", "name")] })).toMatchObject({
      decision: "deny",
      code: "residency"
    })
  })
  it("17: a gateway outside home sees before the mask", () => {
    const raw = section()
    raw.transfers[0].recipients = "any"
    const away = worldOf(raw, { gateway: { name: "gw-1", at: "us-east" } })
    const receipt = ask(away, {})
    expect(receipt).toMatchObject({ decision: "deny", code: "residency" })
    expect(receipt.checks.filter(({ outcome }) => outcome === "deny").map(({ sink }) => sink)).toEqual(["gateway"])
  })
  it("18: select 1 passes", () => {
    expect(ask(world, { kind: "session", reads: [] })).toMatchObject({ decision: "allow", reads: [], sinks: [] })
  })
})
