import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { compileWorld, readStories, resetLabels } from "../../../../plugins/residency/index.ts"
import { dayOf, Forgetting } from "../../../../plugins/residency/taint/forgetting.ts"
import { decodeLabel } from "../../../../plugins/residency/taint/label.ts"
import { labelsOf } from "../../../../plugins/residency/taint/shared.ts"
import type { ForgetAfter } from "../../../../plugins/residency/world.ts"
import { table } from "../fixture.ts"
import { column } from "../harness.ts"
import { listens, notifies, openGateway, policy, reads, SharedState, writes } from "./gateways.ts"

const DAY = 86_400_000
/** When the sessions of `gateways.ts` are. */
const start = 1_790_000_000_000
const runs: ForgetAfter = { runs: 90, agents: undefined, stores: undefined }
const all: ForgetAfter = { runs: 90, agents: 90, stores: 90 }
const agent = { agent: "agent-1", run: "r1" }

/** A gateway over `state`, and what forgets for it: on its own labels. */
const open = (state = new SharedState()) => {
  const view = state.view()
  const gateway = openGateway(view)
  const counted: Array<number> = []
  const forgetting = new Forgetting(labelsOf({}, view), (count) => counted.push(count))
  const sweep = (days: number, after = runs) => Effect.runPromise(forgetting.sweep(after, start + days * DAY))
  return { state, view, gateway, forgetting, counted, sweep }
}
const keys = ({ values }: SharedState) =>
  [...values.keys()].map((key) => JSON.parse(key.slice("taint ".length)) as unknown)
const bearers = (state: SharedState) => keys(state).map((key) => (key as ReadonlyArray<string>)[0])

describe("labels that nobody uses", () => {
  it("are forgotten after their days, and not a day before; those of agents and stores stay", async () => {
    const one = open()
    const session = one.gateway.connect("eu", agent)
    await session.ask(reads("customers"))
    await session.ask(writes("scratch"))
    session.close()
    expect(new Set(bearers(one.state))).toEqual(new Set(["run", "runs", "store"]))
    expect((await one.sweep(89)).size).toBe(0)
    expect([...await one.sweep(92)]).toEqual([JSON.stringify(["run", "r1", "https://login.example.com"])])
    expect(one.counted).toEqual([1])
    expect(new Set(bearers(one.state))).toEqual(new Set(["runs", "store"]))
    expect((await one.sweep(9999)).size).toBe(0)
    // Of these nobody wrote down when they were used: it begins when the file asks for it.
    expect((await one.sweep(9999, all)).size).toBe(0)
    expect((await one.sweep(9999 + 92, all)).size).toBe(2)
    expect(keys(one.state)).toEqual([])
  })

  it("are a new run's afterwards; the agent still knows what its runs saw, and tables what was written", async () => {
    const one = open()
    const session = one.gateway.connect("eu", agent)
    await session.ask(reads("customers"))
    await session.ask(writes("scratch"))
    session.close()
    await one.sweep(92)
    // As after a restart: what this gateway still had in memory would count.
    const later = openGateway(one.state.view())
    expect((await later.connect("us", agent).ask(writes("notes"))).verdict._tag).toBe("Allow")
    expect((await later.connect("us", { agent: "agent-1" }).ask(writes("notes"))).verdict).toMatchObject({
      code: "taint"
    })
    const other = { agent: "agent-2", run: "r2" }
    await later.connect("eu", other).ask(reads("scratch"))
    expect((await later.connect("us", other).ask(writes("notes"))).verdict).toMatchObject({ code: "taint" })
  })

  it("stay while a session rests on them, here or behind another gateway that says so once an hour", async () => {
    const one = open()
    const session = one.gateway.connect("eu", agent)
    await session.ask(reads("customers"))
    expect((await one.sweep(9999)).size).toBe(0)
    const other = open(one.state)
    for (let day = 1; day <= 200; day++) {
      await Effect.runPromise(one.forgetting.round(runs, start + day * DAY))
      await session.written()
      await new Promise((resolve) => setImmediate(resolve))
      expect((await other.sweep(day)).size, `day ${day}`).toBe(0)
    }
    session.close()
    expect((await other.sweep(300)).size).toBe(1)
  })

  it("come back whole where a session was cut off from the state, and another gateway forgot them", async () => {
    const one = open()
    const eu = one.gateway.connect("eu", agent)
    const us = one.gateway.connect("us", agent)
    await eu.ask(reads("customers"))
    const other = open(one.state)
    expect((await other.sweep(92)).size).toBe(1)
    // It saw nothing new since, and its label is gone: what it has seen it has seen.
    expect((await us.ask(writes("notes"))).verdict).toMatchObject({ code: "taint" })
    await eu.ask(reads("patients"))
    const later = openGateway(one.state.view())
    expect((await later.connect("us", agent).ask(writes("notes"))).verdict).toMatchObject({ code: "taint" })
  })

  it("come back whole where they are forgotten between a gateway's look at them and its writing", async () => {
    const one = open()
    const first = one.gateway.connect("eu", agent)
    await first.ask(reads("customers"))
    first.close()
    const { values } = one.state
    const session = openGateway(one.state.view()).connect("eu", agent)
    const email = { reads: [table("public.customers", "email")], results: [{ columns: [column("email")] }] }
    const { answer, forward } = session.judge({ ...reads("customers"), ...email })
    await answer
    // It has read the label; now that is gone; now it writes what it sees besides.
    const key = [...values.keys()].find((name) => name.includes("[\"run\""))!
    values.delete(key)
    forward()
    await session.written()
    expect(decodeLabel(values.get(key)).atoms.map((atom) => atom.form)).toEqual(["clear", "masked"])
  })

  it("do not come back with what flows to whoever listened", async () => {
    const one = open()
    const listener = one.gateway.connect("eu", { agent: "agent-3", run: "r3" })
    await listener.ask(listens)
    listener.close()
    expect((await one.sweep(92)).size).toBe(1)
    const later = openGateway(one.state.view())
    await later.connect("eu", agent).ask(reads("customers"))
    await later.connect("eu", agent).ask(notifies)
    expect(JSON.stringify(keys(one.state))).not.toContain("r3")
  })
})

describe("what is written of a label's use", () => {
  it("is missing in an older form: then it begins when somebody looks", async () => {
    const one = open()
    const session = one.gateway.connect("eu", agent)
    await session.ask(reads("customers"))
    session.close()
    for (const [key, text] of one.state.values) {
      const { used: _, ...older } = JSON.parse(text)
      one.state.values.set(key, JSON.stringify({ ...older, v: 1 }))
    }
    expect((await one.sweep(500)).size).toBe(0)
    expect((await one.sweep(500 + 89)).size).toBe(0)
    expect((await one.sweep(500 + 92)).size).toBe(1)
  })

  it("costs one writing a day", async () => {
    const one = open()
    const session = one.gateway.connect("eu", agent)
    await session.ask(reads("customers"))
    const texts = JSON.stringify([...one.state.values])
    for (let i = 0; i < 5; i++) await session.ask(reads("customers"))
    expect(JSON.stringify([...one.state.values])).toBe(texts)
  })

  it("leaves alone what cannot be read", async () => {
    const one = open()
    one.state.values.set("taint [\"run\",\"r9\",\"x\"]", "{\"v\":9}")
    expect((await one.sweep(9999)).size).toBe(0)
    expect(one.state.values.size).toBe(1)
  })

  it("is explained, and a reset counts as use", async () => {
    const one = open()
    const session = one.gateway.connect("eu", agent)
    await session.ask(reads("customers"))
    await session.ask(writes("scratch"))
    session.close()
    const reader = one.gateway.connect("eu", { agent: "agent-2", run: "r2" })
    await reader.ask(reads("scratch"))
    const stories = async (id: string) => (await Effect.runPromise(readStories(one.view, id, policy())))[0]!
    expect(await stories("r1")).toMatchObject({ used: dayOf(start), forgotten_at: dayOf(start) + 91 * DAY })
    const at = start + 80 * DAY
    await Effect.runPromise(resetLabels(one.view, "r2", { at, by: "dpo", reason: "why" }))
    expect(await stories("r2")).toMatchObject({ used: dayOf(at), forgotten_at: dayOf(at) + 91 * DAY })
    await one.sweep(92)
    const [atom] = (await Effect.runPromise(readStories(one.view, "agent-1", policy())))[0]!.atoms
    expect(JSON.stringify(atom)).toContain("\"forgotten\":true")
  })
})

describe("the file's forget_after_days", () => {
  const compiled = (forget: unknown) => compileWorld(policy({ forget_after_days: forget }))
  it("keeps runs for ninety days, agents and stores for ever, unless it says otherwise", () => {
    expect(compileWorld(policy()).world!.taint.forgetAfter).toEqual(runs)
    expect(compiled({ runs: 7, agents: 30 }).world!.taint.forgetAfter).toEqual({
      runs: 7,
      agents: 30,
      stores: undefined
    })
    expect(compiled({ runs: "never" }).world!.taint.forgetAfter.runs).toBeUndefined()
    expect(() => compiled({ runs: 1 })).toThrow()
    expect(() => compiled({ tables: 1 })).toThrow()
  })
  it("warns that what was written to tables stays", () => {
    expect(compiled({ stores: 30 }).problems).toContainEqual(
      expect.objectContaining({ severity: "warning", path: ["residency", "taint", "forget_after_days", "stores"] })
    )
    expect(compiled({ agents: 30 }).problems).toEqual(compileWorld(policy()).problems)
  })
})
