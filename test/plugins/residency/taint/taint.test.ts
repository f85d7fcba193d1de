import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { compileWorld } from "../../../../plugins/residency/index.ts"
import { judge, readStories, resetLabels } from "../../../../plugins/residency/index.ts"
import { emptyLabel, Label } from "../../../../plugins/residency/taint/label.ts"
import { measure } from "../../../../plugins/residency/taint/literals.ts"
import { table } from "../fixture.ts"
import { column, statement } from "../harness.ts"
import { type Asked, openGateway, policy, reads, SharedState, writes } from "./gateways.ts"

const open = (first = policy(), state = new SharedState()) => ({ state, ...openGateway(state.view(), first) })
const agent = { agent: "agent-1", run: "r1" }
const other = { agent: "agent-2", run: "r2" }

describe("T1, release", () => {
  it("holds what is forwarded up until the growth is written; what does not grow costs nothing", async () => {
    const { connect } = open()
    const session = connect("eu", agent)
    const { answer, forward } = session.judge(reads("customers"))
    await answer
    forward()
    expect(session.pending()).toBe(1)
    await session.written()
    expect(session.pending()).toBe(0)
    const again = session.judge(reads("customers"))
    await again.answer
    again.forward()
    expect(session.pending()).toBe(0)
  })
  it("adds nothing for what was judged, and denied by somebody else", async () => {
    const { connect, state } = open()
    await connect("eu", agent).judge(reads("customers")).answer
    expect([...state.values].flatMap(([, text]) => JSON.parse(text).atoms)).toEqual([])
    expect((await connect("us", agent).ask(writes("notes"))).verdict._tag).toBe("Allow")
  })
  it("stops where labels cannot be written, and goes on when they can", async () => {
    const { connect, state } = open()
    const session = connect("eu", agent)
    const { answer, forward } = session.judge(reads("customers"))
    await answer
    state.broken = "the disk is full"
    forward()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(session.pending()).toBe(1)
    state.broken = undefined
    await session.written()
    expect(session.pending()).toBe(0)
    expect(JSON.stringify([...state.values])).toContain("customers")
  })
  it("denies where labels cannot be read", async () => {
    const { connect, state } = open()
    state.broken = "the disk is gone"
    await expect(connect("us", agent).judge(writes("notes")).answer).rejects.toMatchObject({
      message: "the disk is gone"
    })
  })
  it("denies where a label is of a form that it does not know", async () => {
    const { connect, state } = open()
    await connect("eu", agent).ask(reads("customers"))
    for (const [key, text] of state.values) state.values.set(key, text.replace("\"v\":2", "\"v\":3"))
    const later = openGateway(state.view())
    await expect(later.connect("us", agent).judge(writes("notes")).answer).rejects.toMatchObject({
      _tag: "PluginError"
    })
  })
  it("counts what cannot be analysed as touching everything, where it is let through", async () => {
    const before = policy()
    const gateway = open({ ...before, pipelines: before.pipelines.map((one) => ({ ...one, mode: "shadow" as const })) })
    await gateway.connect("eu", agent).ask({ ...reads("nothing"), resolved: false, unresolved: "?" })
    gateway.force.policy = policy()
    expect((await gateway.connect("us", agent).ask(writes("notes"))).verdict).toMatchObject({ code: "taint" })
  })
})

describe("T2, egress", () => {
  const tainted = async (first = policy()) => {
    const gateway = open(first)
    await gateway.connect("eu", agent).ask(reads("customers"))
    return gateway
  }
  it("says what was seen, and when, and what to do; never data", async () => {
    const { connect } = await tainted()
    const { receipt, verdict } = await connect("us", agent).ask(writes("notes"))
    expect(verdict).toMatchObject({
      code: "taint",
      message: expect.stringMatching(
        /^customers may not reach the upstream of us, which is at us-east: customers was seen at 2026-.*Z through eu, operation 1 of session s1/
      ),
      hint: expect.stringContaining("Start a new run")
    })
    expect(receipt).toMatchObject({ decision: "deny", code: "taint" })
    expect(receipt.checks).toContainEqual(
      expect.objectContaining({ check: "taint", data_set: "customers", sink: "upstream:us", cites: "s1#1" })
    )
  })
  it("gives a receipt that is made again from what the ledger holds", async () => {
    const { connect, force } = await tainted()
    const { basis, receipt } = await connect("us", agent).ask(writes("notes"))
    const { world } = compileWorld(force.policy)
    expect(JSON.parse(basis.inputs).taint.atoms).toMatchObject([{ data_set: "customers", session: "s1", exchange: 1 }])
    expect(judge(world!, JSON.parse(basis.inputs))).toEqual(receipt)
  })
  it("lets a new run do what the old one may not", async () => {
    const { connect } = await tainted()
    expect((await connect("us", { ...agent, run: "r9" }).ask(writes("notes"))).verdict._tag).toBe("Allow")
  })
  it("strict: lets nothing through, however short", async () => {
    const { connect } = await tainted(policy({ mode: "strict" }))
    expect((await connect("us", agent).ask({ kind: "session", reads: [], text: "begin" })).verdict).toMatchObject({
      code: "taint"
    })
  })
  it("off: lets everything through, and shadow says that it would not", async () => {
    const off = await tainted(policy({ mode: "off" }))
    expect((await off.connect("us", agent).ask(writes("notes"))).receipt).toMatchObject({ decision: "allow" })
    const shadow = await tainted(policy({ mode: "shadow" }))
    expect((await shadow.connect("us", agent).ask(writes("notes"))).receipt).toMatchObject({
      decision: "deny",
      outcome: "allow",
      outcome_code: "shadow"
    })
  })
  it("holds for a person where the data set says so", async () => {
    const { connect } = await tainted(policy({}, (raw) => raw.data_sets.customers.otherwise = "approve"))
    const { receipt } = await connect("us", agent).ask(writes("notes"))
    expect(receipt).toMatchObject({ decision: "approve", outcome: "deny", outcome_code: "approval_unavailable" })
  })
  it("judges each piece of input against the label as it is by then", async () => {
    const { connect } = open()
    const session = connect("us", agent)
    const { answer, forward, piece } = session.judge(writes("notes"))
    await answer
    forward()
    expect(await piece()).toMatchObject({ _tag: "Allow" })
    await connect("eu", agent).ask(reads("customers"))
    expect(await piece()).toMatchObject({ _tag: "Deny", code: "taint" })
  })
  it("labels what pieces of input go into with what was seen meanwhile", async () => {
    const { connect } = open()
    const { answer, forward, piece } = connect("eu", agent).judge(writes("scratch"))
    await answer
    forward()
    await connect("eu", agent).ask(reads("customers"))
    await piece()
    await connect("eu", other).ask(reads("scratch"))
    expect((await connect("us", other).ask(writes("notes"))).verdict).toMatchObject({ code: "taint" })
  })
})

describe("what was seen behind masks", () => {
  const emails: Asked = {
    kind: "read",
    reads: [{ kind: "table", name: "public.customers", fields: ["email"] }],
    results: [{ columns: [column("email")] }],
    text: "select email from customers"
  }
  const leaves = policy({}, (raw) => raw.data_sets.customers.masked = "leaves")
  it("may leave where the data set says so", async () => {
    const { connect } = open(leaves)
    await connect("eu", agent).ask(emails)
    expect((await connect("us", agent).ask(writes("notes"))).verdict._tag).toBe("Allow")
    await connect("eu", agent).ask(reads("customers"))
    expect((await connect("us", agent).ask(writes("notes"))).verdict._tag).toBe("Deny")
  })
  it("counts where it does not", async () => {
    const { connect } = open()
    await connect("eu", agent).ask(emails)
    expect((await connect("us", agent).ask(writes("notes"))).verdict._tag).toBe("Deny")
  })
})

describe("T6, order", () => {
  it("forwards nothing that was judged before the run saw more", async () => {
    const { connect } = open()
    const { answer, forward } = connect("us", agent).judge(writes("notes"))
    expect((await answer).verdict._tag).toBe("Allow")
    await connect("eu", agent).ask(reads("customers"))
    expect(forward).toThrow(/seen, meanwhile/)
  })
  it("shows an operation what one before it saw, though that is not written yet", async () => {
    const { connect } = open()
    const first = connect("eu", agent).judge(reads("customers"))
    await first.answer
    first.forward()
    const second = connect("us", agent)
    expect((await second.judge(writes("notes")).answer).verdict).toMatchObject({ code: "taint" })
  })
  it("holds up whatever rests on growth that is not written yet, whoever made it grow", async () => {
    const { connect } = open()
    const warm = connect("eu", agent)
    await warm.ask(reads("prices"))
    const first = connect("eu", agent).judge(reads("customers"))
    await first.answer
    first.forward()
    warm.judge(reads("customers")).forward()
    expect(warm.pending()).toBe(1)
  })
})

describe("T3, delegation", () => {
  const child = { ...other, parent: agent.run }
  it("tells a child that is at work already what its parent sees afterwards, also at the last moment", async () => {
    const { connect } = open()
    const writer = connect("us", child)
    const early = connect("us", child).judge(writes("notes"))
    expect((await writer.ask(writes("notes"))).verdict._tag).toBe("Allow")
    expect((await early.answer).verdict._tag).toBe("Allow")
    await connect("eu", agent).ask(reads("customers"))
    expect((await writer.ask(writes("notes"))).verdict).toMatchObject({ code: "taint" })
    expect(() => early.forward()).toThrow("the run has seen")
  })
  it("tells it through another gateway, too", async () => {
    const { connect, state } = open()
    const writer = openGateway(state.view()).connect("us", child)
    expect((await writer.ask(writes("notes"))).verdict._tag).toBe("Allow")
    await connect("eu", agent).ask(reads("customers"))
    expect((await writer.ask(writes("notes"))).verdict).toMatchObject({ code: "taint" })
  })
})

describe("T4, stores", () => {
  it("tells of what clings to a table when it is judged again, while others' growth is being written", async () => {
    const first = policy({}, (raw) => raw.data_sets.customers.masked = "leaves")
    const { connect, state } = open(first)
    await connect("eu", agent).ask(reads("customers"))
    await connect("eu", agent).ask(writes("scratch"))
    const email = [column("email")]
    await connect("eu", other).ask({
      ...reads("customers"),
      reads: [table("public.customers", "email")],
      results: [{ columns: email }]
    })
    // A new gateway, whose state takes its time to write.
    const view = state.view()
    let write = (): void => {}
    const gate = new Promise<void>((resolve) => write = resolve)
    const update: typeof view.update = (...all) => Effect.andThen(Effect.promise(() => gate), view.update(...all))
    const slow = openGateway({ ...view, update }, first)
    const busy = slow.connect("eu", { agent: "agent-3", run: "r3" }).judge(reads("customers"))
    await busy.answer
    busy.forward()
    const reader = slow.connect("eu", other).judge(reads("scratch"))
    expect((await reader.answer).verdict._tag).toBe("Allow")
    reader.forward()
    write()
    expect((await slow.connect("us", other).ask(writes("notes"))).verdict).toMatchObject({ code: "taint" })
  })
})

describe("a label in memory", () => {
  const event = { form: "clear", from: "de", at: 0, pipeline: "p", session: "s", exchange: 1 } as const
  const from = (name: string) => ({ ...emptyLabel, atoms: [{ data_set: name, ...event }] })
  const names = (label: Label) => label.now.atoms.map((one) => one.data_set)
  it("does not forget what was written while it was being read", () => {
    const label = new Label("k")
    const reading = label.ask()
    label.join(from("own"))
    label.take()
    label.written(from("own"), label.ask())
    label.read(undefined, reading)
    expect(names(label)).toEqual(["own"])
  })
  it("does not forget what a later read has seen, when an earlier one or a writing ends after it", () => {
    const label = new Label("k")
    const reading = label.ask()
    label.join(from("own"))
    label.take()
    const writing = label.ask()
    label.read(from("another's"), label.ask())
    label.read(undefined, reading)
    label.written(from("own"), writing)
    expect(names(label)).toEqual(["another's", "own"])
  })
  it("follows what the state says, also where that is less", () => {
    const label = new Label("k")
    label.read(from("was"), label.ask())
    label.read(emptyLabel, label.ask())
    expect(names(label)).toEqual([])
  })
})

describe("a reset", () => {
  it("holds from the next operation on, is cited, and is no pardon for what is seen later", async () => {
    const { connect, state } = open()
    await connect("eu", agent).ask(reads("customers"))
    const beside = state.view()
    const names = await Effect.runPromise(resetLabels(beside, "r1", { at: 5, by: "dpo", reason: "ticket" }))
    expect(names).toEqual(["run r1"])
    const { receipt } = await connect("us", agent).ask(writes("notes"))
    expect(receipt.checks).toContainEqual(expect.objectContaining({ check: "taint", outcome: "allow", cites: "reset" }))
    const [story] = await Effect.runPromise(readStories(beside, "r1", undefined))
    expect(story).toMatchObject({ atoms: [], resets: [{ by: "dpo", atoms: [{ data_set: "customers" }] }] })
    await connect("eu", agent).ask(reads("customers"))
    expect((await connect("us", agent).ask(writes("notes"))).verdict._tag).toBe("Deny")
  })
})

describe("the measure of a text", () => {
  const said = (text: string, more: object = {}) => measure(statement({ text, ...more }), new Set(), 0)!
  const names = { reads: [{ kind: "table" as const, name: "public.customers", fields: ["id", "city"] }] }
  it("does not count the language, nor what the upstream has", () => {
    expect(said("select id, city from public.customers where id is not null", names).bytes).toBe(1)
  })
  it.each([
    ["a string", "select 'secret'", 6],
    ["a string of escapes", "select E'se\\'cret'", 6],
    ["a string of code points", "select U&'secret'", 6],
    ["a dollar quote", "select $x$secret$x$", 6],
    ["a number", "select 123456", 6],
    ["a comment", "select 1 -- secret", 6],
    ["a block comment", "select /* secret */ 1", 6],
    ["a name", "select 1 as secret", 6],
    ["a quoted name", "select 1 as \"secret\"", 6],
    ["a quote that never ends", "select 'secret", 6],
    ["signs", "select - - - - - - 1", 6],
    ["spaces", `select${" ".repeat(64)}1`, 8],
    ["kinds of space", `select${" \t\f\v".repeat(16)}1`, 24],
    ["a tab here, a line break there", "select\tnull\nis\fnot\vnull\tand\rtrue", 3],
    ["large letters and small ones", `select ${"NuLL, ".repeat(30)}NuLL`, 20],
    ["large words and small ones", `select ${"NULL, null, ".repeat(30)}null`, 18]
  ])("counts %s", (_, text, least) => expect(said(text).bytes).toBeGreaterThanOrEqual(least))
  it("counts parameters by their bytes", () => {
    const value = Buffer.from("Ünïcode")
    expect(said("select $1", { parameters: [{ format: "text", value }] })).toMatchObject({ longest: value.length })
  })
  it("counts nothing twice, and every new order of what was said", () => {
    const first = said("select 'a', 'b'")
    const before = new Set(first.news)
    expect(measure(statement({ text: "select 'a', 'b'" }), before, 0)).toMatchObject({ bytes: 0 })
    expect(measure(statement({ text: "select 'b', 'a'" }), before, 0)!.bytes).toBeGreaterThan(0)
  })
  it("has no measure for other families", () => {
    expect(measure({ kind: "read", reads: [], writes: [], resolved: true, digest: "", summary: "" }, new Set(), 0))
      .toBeUndefined()
  })
})
