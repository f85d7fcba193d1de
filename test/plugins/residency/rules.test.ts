import { describe, expect, it } from "vitest"
import { ask, identity, now, section, table, worldOf } from "./fixture.ts"

const ruled = (when: string, then: "deny" | "approve" | "mask" = "deny", change: (raw: any) => void = () => {}) => {
  const raw = section()
  raw.rules = [{ name: "r", when, then }]
  change(raw)
  return worldOf(raw)
}
const analyst = identity("ann", {
  groups: ["analysts"],
  claims: { region: "de", level: 3, teams: ["a", "b"], nested: { deep: "x" } }
})

describe("rules", () => {
  it.each([
    [`operation.kind == "read"`],
    [`operation.reads.exists(d, d == "customers") && size(operation.writes) == 0 && operation.resolved`],
    [`caller.subject == "ann" && caller.issuer.startsWith("https://") && "analysts" in caller.groups`],
    [`caller.claims.level >= 3 && caller.claims.nested.deep == "x" && "b" in caller.claims.teams`],
    [`!has(caller.claims.absent)`],
    [`caller.party == "analyst" && !caller.agent && caller.at == "de"`],
    [`caller.evidence == "asserted" && !caller.model.declared`],
    [`actors.exists(a, a.party == "support-agent" && a.agent && a.model.at == "us-east" && a.model.under == "us")`],
    [`data_sets.exists(d, "personal" in d.classes && d.read && !d.written && d.seen == "clear" && "eu" in d.home)`],
    [`sinks.exists(s, s.sink == "model:support-agent" && s.at == "us-east" && s.under == "us")`],
    [`upstream.pipeline == "orders" && upstream.at == "de" && upstream.address.endsWith(":5432")`],
    [`now == timestamp("2026-11-22T12:00:00Z")`]
  ])("may speak of %s", (when) => {
    const asking = { as: analyst, actors: [identity("agent-support-1")], now }
    expect(ask(ruled(when, "deny"), asking)).toMatchObject({ decision: "deny", code: "rule" })
    expect(ask(ruled(`!(${when})`, "deny"), asking).decision).toBe("mask")
  })
  it("deny when they cannot be evaluated", () => {
    for (
      const when of [
        `caller.claims.absent == "x"`,
        `data_sets[7].name == "x"`,
        `caller.claims.level.deep == 1`,
        `caller.claims.level`
      ]
    ) {
      const receipt = ask(ruled(when, "mask"), { as: analyst })
      expect(receipt, when).toMatchObject({ decision: "deny", code: "rule" })
      expect(receipt.checks.at(-1)).toMatchObject({
        check: "rule",
        cites: "r",
        reason: "the rule could not be evaluated"
      })
    }
  })
  it("deny when there is more to look at than a rule may look at", () => {
    const many = { ...analyst, groups: ["analysts", ...Array.from({ length: 300 }, (_, index) => `g${index}`)] }
    expect(ask(ruled(`"x" in caller.groups`), { as: many }).decision).toBe("allow")
    const nested = `caller.groups.exists(a, caller.groups.exists(b, a + b == "x"))`
    expect(ask(ruled(nested), { as: many }).code).toBe("rule")
    expect(ask(ruled(nested), { as: analyst }).decision).toBe("allow")
    const hosts = { ...many, groups: [...many.groups, ...Array.from({ length: 2000 }, (_, index) => `h${index}`)] }
    expect(ask(ruled(`"x" in caller.groups`), { as: hosts }).code).toBe("rule")
    expect(
      ask(ruled(`caller.subject == "x"`), { as: { ...analyst, claims: { region: "de", long: "x".repeat(5000) } } }).code
    ).toBe("rule")
    const deep = JSON.parse("{\"a\":".repeat(20) + "1" + "}".repeat(20))
    expect(ask(ruled(`caller.subject == "x"`), { as: { ...analyst, claims: { region: "de", deep } } }).code).toBe(
      "rule"
    )
  })
  it("can only make the answer stricter", () => {
    expect(ask(ruled("true", "mask"), { as: "agent-away-1" })).toMatchObject({ decision: "deny", code: "residency" })
    expect(ask(ruled("true", "mask"), {}).decision).toBe("mask")
    expect(ask(ruled("true", "approve"), { as: "agent-support-1" }).decision).toBe("approve")
    expect(ask(ruled("false", "deny"), {}).decision).toBe("allow")
  })
  it("oblige for everything that is read", () => {
    const reads = [table("public.customers"), table("a.b")]
    const receipt = ask(ruled("true", "mask", (raw) => raw.otherwise = "allow"), { reads })
    expect(receipt.obligations.map(({ data_set }) => data_set)).toEqual(["customers", "unclassified:a.b"])
    expect(ask(ruled("true", "mask"), { writes: [table("public.customers")] })).toMatchObject({
      decision: "allow",
      obligations: []
    })
  })
  it("do not touch what touches no data", () => {
    expect(ask(ruled("true"), { kind: "session", reads: [] }).decision).toBe("allow")
    expect(ask(ruled("true"), { reads: [{ kind: "catalogue", name: "pg_class" }] }).decision).toBe("allow")
    expect(ask(ruled("true"), { kind: "admin", reads: [] }).code).toBe("rule")
  })
  it("reach nothing but their facts", () => {
    for (const when of [`caller.constructor == "x"`, `caller.__proto__ == "x"`, `caller.claims.toString == "x"`]) {
      expect(ask(ruled(when), { as: analyst }).checks.at(-1)?.reason).toBe("the rule could not be evaluated")
    }
  })
})
