import { describe, expect, it } from "vitest"
import type { Resource } from "../../../core/index.ts"
import { ask, document, identity, inputs, now, section, table, worldOf } from "./fixture.ts"

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
