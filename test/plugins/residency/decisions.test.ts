import { describe, expect, it } from "vitest"
import type { ColumnUse, Statement } from "../../../core/family/sql/index.ts"
import { inputsOf, judge } from "../../../plugins/residency/index.ts"
import { document, identity, section, table, worldOf } from "./fixture.ts"
import { changed, column, leaves, open, pipeline, selecting, statement } from "./harness.ts"

describe("what is seen masked", () => {
  const away = (operation: Statement, asked = operation, policy = leaves) =>
    open(policy, identity("agent-away-1")).ask(operation, asked)
  const use = (column: string, how: ColumnUse["use"]): ColumnUse => ({ table: "public.customers", column, use: how })
  it("may leave, and is then masked for everyone", () => {
    const { receipt, protection, verdict } = away(selecting("ssn", "email"))
    expect(verdict._tag).toBe("Allow")
    expect(receipt).toMatchObject({ decision: "allow", outcome: "allow" })
    expect(receipt.checks.some(({ cites }) => cites === "masked: leaves")).toBe(true)
    expect(protection.obliged).toEqual(["customers"])
  })
  it.each<readonly [string, Statement]>([
    ["a column without a kind", selecting("ssn", "name")],
    [
      "no column at all",
      statement({ reads: [table("public.customers")], results: [{ columns: [column("count", "constant")] }] })
    ],
    ["a predicate", statement({ ...selecting("ssn"), uses: [use("ssn", "predicate")] })],
    ["a join", statement({ ...selecting("ssn"), uses: [use("email", "join")] })],
    ["an order", statement({ ...selecting("ssn"), uses: [use("ssn", "order")] })],
    ["a comparison", statement({ ...selecting("ssn"), uses: [use("ssn", "compare")] })],
    ["a write", statement({ ...selecting("ssn"), uses: [use("ssn", "write")] })],
    [
      "columns that nobody knows",
      statement({ ...selecting("ssn"), reads: [{ kind: "table", name: "public.customers" }] })
    ],
    [
      "a lineage that says more than the reads",
      statement({ ...selecting("ssn"), results: [{ columns: [column("ssn"), column("name")] }] })
    ],
    ["a use that the reads do not have", statement({ ...selecting("ssn"), uses: [use("name", "transform")] })],
    [
      "another table of the data set",
      statement({ ...selecting("ssn"), reads: [table("public.customers", "ssn"), table("public.invoices", "id")] })
    ]
  ])("is not with %s", (_, operation) => {
    expect(away(operation).receipt).toMatchObject({ decision: "deny", code: "residency" })
  })
  it("is so when computed into an output", () => {
    expect(
      away(
        statement({
          ...selecting("ssn"),
          uses: [use("ssn", "transform")],
          results: [{ columns: [column("ssn", "derived")] }]
        })
      ).receipt.decision
    ).toBe("allow")
  })
  it("needs a masking plugin", () => {
    const without = { ...leaves, ...pipeline({ plugins: ["residency"] }) }
    expect(away(selecting("ssn"), undefined, without).receipt.decision).toBe("deny")
  })
  it("stays so after a rewriting that takes the columns away, but not one that adds others", () => {
    const gone = statement({
      reads: [table("public.customers")],
      results: [{ columns: [column("ssn", "constant")] }],
      rewritten: true
    })
    expect(away(gone, selecting("ssn")).receipt.decision).toBe("allow")
    expect(away(selecting("ssn", "name"), selecting("ssn")).receipt.decision).toBe("deny")
  })
  it("is nothing where masked data counts", () => {
    expect(away(selecting("ssn"), undefined, document(section())).receipt.decision).toBe("deny")
  })
})

describe("decisions kept", () => {
  it("are given again to executions of the same operation, and to no other", () => {
    const { ask } = open(document(section()), identity("agent-home-1"))
    const first = statement()
    const again = { ...first, digest: "other", phase: "execute" as const }
    expect(ask(again).receipt).toBe(ask(first).receipt)
    expect(ask({ ...first, kind: "export" }).receipt.operation).toBe("export")
    expect(ask({ ...first, writes: [table("a.b")] }).receipt.decision).toBe("deny")
    expect(ask({ ...first, resolved: false }).receipt.code).toBe("unresolved")
    expect(ask(first).receipt.decision).toBe("allow")
  })
  it("are told apart when an empty list is shared", () => {
    const none: Statement["reads"] = []
    const { ask } = open(document(section()), identity("agent-home-1"))
    const one = statement({ kind: "session", reads: none, writes: none, results: [] })
    expect(ask(one).receipt.decision).toBe("allow")
    expect(ask({ ...one, resolved: false, kind: "unknown" }).receipt.decision).toBe("deny")
    expect(ask({ ...one, kind: "write", writes: [table("a.b")] }).receipt.code).toBe("unclassified")
  })
  it("are told apart by their lineage", () => {
    const reads = [table("public.customers", "ssn")]
    const { ask } = open(leaves, identity("agent-away-1"))
    const shown = statement({ reads, results: [{ columns: [column("ssn")] }] })
    expect(ask(shown).receipt.decision).toBe("allow")
    expect(ask({ ...shown, uses: [{ table: "public.customers", column: "ssn", use: "predicate" }] }).receipt.decision)
      .toBe("deny")
  })
  it("end at the instant at which a transfer does, to the millisecond", () => {
    const { ask, state } = open(document(section()), identity("agent-support-1"))
    const one = statement()
    const end = Date.parse("2027-07-01T00:00:00Z")
    state.now = end - 1
    const before = ask(one)
    expect(before.receipt.decision).toBe("mask")
    state.now = end
    expect(ask(one).receipt.decision).toBe("deny")
    state.now = end - 1
    expect(ask(one).receipt).toEqual(before.receipt)
  })
  it("do not outlive their instant where a rule reads the clock", () => {
    const policy = changed((raw) =>
      raw.rules = [{ name: "until", when: `now >= timestamp("2026-11-22T12:00:00.001Z")`, then: "deny" }]
    )
    const { ask, state } = open(policy, identity("agent-home-1"))
    const one = statement()
    expect(ask(one).receipt.decision).toBe("allow")
    state.now += 1
    expect(ask(one).receipt).toMatchObject({ decision: "deny", code: "rule" })
  })
  it("follow the policy at once, and never a broken one", () => {
    const { ask, state } = open(document(section()), identity("agent-away-1"))
    const one = statement()
    expect(ask(one).receipt.decision).toBe("deny")
    state.policy = changed((raw) => raw.parties["away-agent"].at = "de", { hash: "c".repeat(64) })
    expect(ask(one).receipt).toMatchObject({ decision: "allow", policy: "c".repeat(64) })
    state.policy = changed((raw) => raw.parties["away-agent"].at = "mars", { hash: "d".repeat(64) })
    expect(ask(one).receipt).toMatchObject({ decision: "allow", policy: "c".repeat(64) })
    state.policy = document(section())
    expect(ask(one).receipt.decision).toBe("deny")
  })
  it("can be made again by an auditor from what was stored, at any time of the window", () => {
    const { ask, state, principal } = open(document(section()), identity("agent-support-1"))
    const one = statement()
    const { receipt } = ask(one)
    state.now += 86_400_000
    const later = ask(one)
    expect(later.receipt).toBe(receipt)
    const world = worldOf(section())
    const stored = JSON.parse(JSON.stringify(
      inputsOf(world, { pipeline: "orders", principal, operation: one, asked: one, now: state.now })
    ))
    expect(judge(world, stored)).toEqual(receipt)
  })
})
