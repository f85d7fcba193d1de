import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { describe, expect, it } from "vitest"
import {
  type Identity,
  Policy,
  type PolicyDocument,
  type Principal,
  type Protection,
  type Receipt,
  type Session,
  type Verdict
} from "../../../core/index.ts"
import type { ColumnUse, Lineage, Statement } from "../../../core/family/sql/index.ts"
import residency, { describeReceipt, inputsOf, judge } from "../../../plugins/residency/index.ts"
import { document, identity, now, section, table, worldOf } from "./fixture.ts"

/** A session through the plugin, over a policy that can be swapped and a clock that can be set. */
const open = (
  first: PolicyDocument,
  as: Identity,
  options: { mode?: "enforce" | "shadow"; actors?: Array<Identity> } = {}
) => {
  const state = { policy: first, now, asked: 0 }
  const acquire = residency.acquire!({}) as Effect.Effect<any, any, Policy>
  const exit = Effect.runSyncExit(Effect.provideService(acquire, Policy, { current: () => state.policy }))
  if (Exit.isFailure(exit)) throw new Error(JSON.stringify(exit.cause))
  const session: Session = {
    id: "s",
    pipeline: "orders",
    peer: { address: "127.0.0.1", port: 1, encrypted: true },
    now: () => state.now
  }
  const config = options.mode === undefined ? {} : { mode: options.mode }
  const hooks = residency.connect(session, { config, resources: exit.value })
  if ("_tag" in hooks) throw new Error("refused")
  const principal: Principal = { ...as, actors: options.actors ?? [], evidence: "asserted", expiresAt: undefined }
  const ask = (operation: Statement, asked = operation) => {
    const facts = new Map<string, unknown>([["sluice/principal", principal]])
    const exchange: any = {
      id: ++state.asked,
      session,
      operation,
      asked,
      get: ({ key }: { key: string }) => facts.get(key),
      set: ({ key }: { key: string }, value: unknown) => facts.set(key, value)
    }
    hooks.inspect!(exchange)
    return {
      exchange,
      verdict: hooks.decide!(exchange) as Verdict,
      receipt: facts.get("sluice/receipt") as Receipt,
      protection: facts.get("sluice/protection") as Protection
    }
  }
  return { state, hooks, ask, principal }
}

const column = (name: string, how: Lineage["how"] = "copy", of = "public.customers"): Lineage => ({
  name,
  how,
  sources: how === "constant" ? [] : [{ table: of, column: name }]
})

const statement = (more: Partial<Statement> = {}): Statement => ({
  kind: "read",
  reads: [table("public.customers", "name")],
  writes: [],
  resolved: true,
  digest: "d",
  summary: "select",
  text: "select",
  phase: "simple",
  tags: ["SELECT"],
  results: [{ columns: [column("name")] }],
  uses: [],
  rewritten: false,
  ...more
})
const selecting = (...columns: ReadonlyArray<string>): Statement =>
  statement({
    reads: [table("public.customers", ...columns)],
    results: [{ columns: columns.map((one) => column(one)) }]
  })

const changed = (change: (raw: any) => void, more: Partial<PolicyDocument> = {}) => {
  const raw = section()
  change(raw)
  return document(raw, more)
}
const pipeline = (more: object) => ({ pipelines: [{ ...document(section()).pipelines[0]!, ...more }] })
const leaves = changed((raw) => raw.data_sets.customers.masked = "leaves")

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
    expect(() => hooks.decide!(exchange)).toThrow()
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
    ["clearance", () => refusal(example, "agent-us-1"), /The caller is not cleared for data at de/, /cleared for de/],
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
    expect(text).not.toMatch(/[\u001b\u202e]/)
    expect(text).toContain("actor:x\\u{1b}[2J\\u{202e}\\u{a}y")
  })
})

describe("the policy service", () => {
  it("is required by its key", () => {
    expect(residency.requires.map((one: any) => one.key)).toEqual(["sluice/principal", Policy.key])
    expect(Context.isKey(Policy)).toBe(true)
  })
})
