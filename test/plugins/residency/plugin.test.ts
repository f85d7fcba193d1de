import * as Context from "effect/Context"
import { describe, expect, it } from "vitest"
import { Policy, type PolicyDocument } from "../../../core/index.ts"
import type { Statement } from "../../../core/family/sql/index.ts"
import residency, { describeReceipt } from "../../../plugins/residency/index.ts"
import { document, identity, section, table } from "./fixture.ts"
import { changed, leaves, open, pipeline, statement } from "./harness.ts"

describe("the plugin", () => {
  it("sets the receipt and what is protected, and lets a lawful read pass", () => {
    const { verdict, receipt, protection } = open(document(section()), identity("agent-home-1")).ask(statement())
    expect(verdict._tag).toBe("Allow")
    expect(receipt).toMatchObject({ decision: "allow", outcome: "allow", policy: "a".repeat(64) })
    expect(protection.obliged).toEqual([])
    expect(protection.columns).toEqual(["email", "phone", "ssn"].map((name) => ({
      data_set: "customers",
      table: "public.customers",
      column: name,
      kind: { email: "email", phone: "phone", ssn: "us_ssn" }[name]
    })))
  })
  it("row 3: under a transfer that requires masks, a column without a kind comes redacted", () => {
    const { verdict, receipt, protection } = open(document(section()), identity("agent-support-1")).ask(statement())
    expect(verdict._tag).toBe("Allow")
    expect(receipt).toMatchObject({ decision: "mask", outcome: "mask" })
    expect(protection.obliged).toEqual(["customers"])
    expect(protection.columns).toContainEqual({
      data_set: "customers",
      table: "public.customers",
      column: "*",
      kind: "redact"
    })
  })
  it("protects a partition by its parent's kinds, under its own name", () => {
    const reads = [{ kind: "table", name: "public.c_2024", fields: ["ssn"], within: ["public.customers"] } as const]
    const { protection } = open(document(section()), identity("agent-home-1")).ask(statement({ reads }))
    expect(protection.columns).toContainEqual({
      data_set: "customers",
      table: "public.c_2024",
      column: "ssn",
      kind: "us_ssn"
    })
  })
  it("protects what a rule wants masked, in no data set too", () => {
    const policy = changed((raw) => {
      raw.otherwise = "allow"
      raw.rules = [{ name: "r", when: "true", then: "mask" }]
    })
    const { protection } = open(policy, identity("agent-home-1")).ask(
      statement({ reads: [table("a.b", "c")], results: [] })
    )
    expect(protection.columns).toEqual([{ data_set: "unclassified:a.b", table: "a.b", column: "*", kind: "redact" }])
  })
  it("does not open over a policy that does not compile", () => {
    expect(() => open(changed((raw) => raw.transfers[0].to = "mars"), identity("x"))).toThrow(
      /zone mars does not exist/
    )
  })
  it("refuses to decide what it has not inspected", () => {
    const { hooks, ask } = open(document(section()), identity("agent-home-1"))
    const { exchange } = ask(statement())
    expect(() => hooks.decide!({ ...exchange, id: 99 })).toThrow()
    expect(hooks.decide!(exchange)).toMatchObject({ _tag: "Allow" })
  })
})

describe("refusals", () => {
  const refusal = (policy: PolicyDocument, subject: string, more: Partial<Statement> = {}, options = {}): any =>
    open(policy, identity(subject), options).ask(statement(more)).verdict
  const example = document(section())
  it.each([
    ["identity", () => refusal(example, "mallory"), /caller.*matches no party/i, /add a party/],
    [
      "unresolved",
      () => refusal(example, "agent-home-1", { resolved: false, unresolved: "a DO block" }),
      /a DO block/,
      /named plainly/
    ],
    [
      "unclassified",
      () => refusal(example, "agent-home-1", { reads: [table("a.b")] }),
      /a\.b may not be touched: in no data set/,
      /data set/
    ],
    [
      "clearance",
      () => refusal(example, "agent-us-1"),
      /The caller is not cleared for data at de/,
      /cleared for that place/
    ],
    [
      "evidence",
      () => refusal(changed((raw) => raw.data_sets.customers.evidence = "workload"), "agent-home-1"),
      /asserted/,
      /workload/
    ],
    [
      "residency",
      () => refusal(example, "agent-away-1"),
      /customers may not be seen by the caller, which is at us-east, outside its home \(eu\)/,
      /agent or client in eu/
    ],
    ["residency", () => refusal(leaves, "agent-away-1"), /the caller/, /columns that come masked/],
    [
      "residency",
      () => refusal(changed((raw) => raw.transfers = []), "agent-support-1"),
      /the model of support-agent/,
      /whose model is in eu/
    ],
    [
      "residency",
      () => refusal(document(section(), { gateway: { name: "g", at: "us-east" } }), "agent-home-1"),
      /the gateway/,
      /a gateway in eu/
    ],
    [
      "residency",
      () => refusal(document(section(), { recorder: { at: "us-east" } }), "agent-home-1"),
      /the recorder/,
      /recordings/
    ],
    [
      "residency",
      () => refusal(example, "agent-home-1", { kind: "move", writes: [{ kind: "endpoint", name: "x:1" }] }),
      /the endpoint x:1, which is at no known place/,
      /declare that server/
    ],
    [
      "residency",
      () => refusal(changed((raw) => delete raw.parties["home-agent"].at), "agent-home-1"),
      /no known place/,
      /say where it is/
    ],
    [
      "rule",
      () =>
        refusal(changed((raw) => raw.rules = [{ name: "quiet hours", when: "true", then: "deny" }]), "agent-home-1"),
      /quiet hours/,
      /Ask the operator/
    ],
    [
      "masking_unavailable",
      () => refusal(document(section(), pipeline({ plugins: ["residency"] })), "agent-support-1"),
      /customers needs masked columns/,
      /masking plugin/
    ],
    [
      "approval_unavailable",
      () =>
        refusal(
          changed((raw) => raw.data_sets.customers.otherwise = "approve", pipeline({ plugins: ["residency"] })),
          "agent-away-1"
        ),
      /customers needs a person's approval/,
      /approval plugin/
    ]
  ])("say what, where and what next: %s (%#)", (code, refuse, message, hint) => {
    const verdict = refuse()
    expect(verdict).toMatchObject({ _tag: "Deny", code })
    expect(verdict.message).toMatch(message)
    expect(verdict.hint).toMatch(hint)
    if (code !== "unresolved") expect(verdict.detail).not.toBe("")
  })
  it("name check, data set, sink and its zone, whichever check it was", () => {
    const clearance = refusal(example, "agent-us-1")
    expect(clearance.detail).toBe("check clearance; data sets customers; sink caller; place de")
    const home = refusal(example, "agent-away-1")
    expect(home.detail).toBe("check home; data set customers; sink caller; place us-east")
  })

  it.each<[string, (raw: any) => void, RegExp, Partial<Statement>?]>([
    [
      "somebody at home, if they would pass",
      () => {},
      /in eu: home-agent, at de, its model at de, would be let through/
    ],
    [
      "nobody who would be refused too",
      (raw) => raw.parties["home-agent"].clearance = ["us"],
      /^Use an agent or client in eu\.$/
    ],
    ["masked columns, if these may leave", (raw) => raw.data_sets.customers.masked = "leaves", /^Ask only for columns/],
    [
      "a plain read, if a transfer covers it",
      (raw) => Object.assign(raw.transfers[0], { recipients: ["away-agent"], requires: [] }),
      /^Ask with a plain SELECT instead: reads are covered by scc-2026-014/,
      { kind: "export" }
    ]
  ])("point to %s", (_name, change, hint, more = {}) => {
    expect(refusal(changed(change), "agent-away-1", more).hint).toMatch(hint)
  })

  it("let pass what waits for a person: the approval plugin holds it", () => {
    const policy = changed((raw) => raw.data_sets.customers.otherwise = "approve")
    const { verdict, receipt } = open(policy, identity("agent-away-1")).ask(statement())
    expect(verdict._tag).toBe("Allow")
    expect(receipt.outcome).toBe("approve")
  })
  it("are not made in shadow, by the plugin's word or the pipeline's", () => {
    for (
      const shadow of [
        open(document(section(), pipeline({ mode: "shadow" })), identity("agent-away-1")),
        open(document(section()), identity("agent-away-1"), { mode: "shadow" })
      ]
    ) {
      const { verdict, receipt, protection } = shadow.ask(statement())
      expect(verdict._tag).toBe("Allow")
      expect(receipt).toMatchObject({ decision: "deny", code: "residency", outcome: "allow", outcome_code: "shadow" })
      expect(protection.obliged).toEqual([])
    }
    const enforced = open(document(section(), pipeline({ mode: "shadow" })), identity("agent-away-1"), {
      mode: "enforce"
    })
    expect(enforced.ask(statement()).verdict._tag).toBe("Deny")
  })
  it("make no obligation of what only a data set in shadow asks", () => {
    const policy = changed((raw) => raw.data_sets.customers.mode = "shadow")
    const { receipt, protection } = open(policy, identity("agent-support-1")).ask(statement())
    expect(receipt).toMatchObject({ decision: "mask", outcome: "allow", outcome_code: "shadow" })
    expect(protection.obliged).toEqual([])
  })
})

describe("the story of a receipt", () => {
  it("is a tree of what was decided and why", () => {
    const { receipt } = open(document(section()), identity("agent-support-1")).ask(statement())
    const text = describeReceipt(receipt)
    expect(text.split("\n")[0]).toBe("read: mask")
    expect(text).toContain("├─ seen by\n│  ├─ caller at de\n│  ├─ model:support-agent at us-east")
    expect(text).toContain(
      "mask  customers → model:support-agent at us-east  (cites scc-2026-014; read; outside home, by transfer)"
    )
    expect(text).toContain("└─ mask customers (scc-2026-014)")
    expect(text.endsWith("\n")).toBe(true)
  })
  it("says what the pipeline makes of it", () => {
    const policy = document(section(), pipeline({ plugins: ["residency"] }))
    expect(describeReceipt(open(policy, identity("agent-support-1")).ask(statement()).receipt)).toMatch(
      /^read: mask; the pipeline makes it deny \(masking_unavailable\)\n/
    )
    expect(describeReceipt(open(document(section()), identity("agent-away-1")).ask(statement()).receipt)).toMatch(
      /^read: deny \(residency\)\n/
    )
  })
  it("shows control characters, and obeys none", () => {
    const { receipt } = open(document(section()), identity("agent-home-1"), {
      actors: [identity("x\u001b[2J\u202e\ny")]
    }).ask(statement())
    const text = describeReceipt(receipt)
    expect(text).not.toContain("\u001b")
    expect(text).not.toContain("\u202e")
    expect(text).toContain("actor:x\\u{1b}[2J\\u{202e}\\u{a}y")
  })
})

describe("the policy service", () => {
  it("is required by its key", () => {
    expect(residency.requires.map((one: any) => one.key)).toEqual(["sluice/principal", Policy.key])
    expect(Context.isKey(Policy)).toBe(true)
  })
})
