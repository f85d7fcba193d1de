import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Caller, Live } from "../fixtures/live.ts"
import { dpo, type Held, hold, optionsOf, residency, timesRun, virginia } from "./approvals-bench.ts"

/** `caller`, through those who act: the nearest to the gateway first. */
const through = (caller: Caller, ...actors: ReadonlyArray<object>): Caller => ({
  ...caller,
  act: actors.toReversed().reduce<object | undefined>(
    (inner, actor) => inner === undefined ? actor : { ...actor, act: inner },
    undefined
  )
})

const ann: Caller = { sub: "ann" }
const bot = { sub: "bot" }
const parties = `
    ann: { match: { subject: ann }, at: us-east, clearance: [eu, us] }
    bot: { match: { subject: bot }, at: us-east, clearance: [eu, us], agent: true }
    other: { match: { subject: other-bot }, at: us-east, clearance: [eu, us], agent: true }`

describe("the upstream's credential, where an agent acts for a person", () => {
  let live: Live
  beforeAll(async () => {
    live = await Live.start({
      schema: [
        "create role analyst login password 'one'",
        "create role dba login password 'two'",
        "create table customers (id int)"
      ],
      residency: `
  otherwise: allow
  zones: { eu: { includes: [de] } }
  data_sets: { customers: { home: [eu], on: { orders: { tables: { public.customers: {} } } } } }
  parties: { all: { match: { subject: "*" }, at: de, clearance: [eu] } }`,
      secrets: { ANALYST: "analyst:one", DBA: "dba:two" },
      credential: "{ by_group: { dbas: DBA, analysts: ANALYST }, catalogue: DB }"
    })
  }, 60_000)
  afterAll(() => live?.stop())

  const who = (caller: Caller): Promise<string> =>
    live.as(caller, async (client) => (await client.query("select current_user as who")).rows[0].who).then(
      String,
      ({ message }: Error) => message
    )

  it.each<[string, Caller, string | RegExp]>([
    [
      "is the person's, and the agent's groups add nothing",
      through({ sub: "ann", groups: ["analysts"] }, { sub: "bot", groups: ["dbas"] }),
      "analyst"
    ],
    [
      "is none where the agent alone has one",
      through({ sub: "ann" }, { sub: "bot", groups: ["dbas", "analysts"] }),
      /None of the caller's groups/
    ],
    [
      "is none where only someone further back has one",
      through({ sub: "ann" }, bot, { sub: "planner", groups: ["dbas"] }),
      /None of the caller's groups/
    ],
    ["is the person's own where the agent has none", through({ sub: "ann", groups: ["dbas"] }, bot), "dba"],
    ["is the agent's own where it comes for itself", { sub: "bot", groups: ["analysts"] }, "analyst"],
    ["is not the person's where the agent comes for itself", { sub: "bot" }, /None of the caller's groups/],
    ["is the person's own without the agent", { sub: "ann", groups: ["analysts"] }, "analyst"]
  ])("%s", async (_name, caller, expected) => {
    if (typeof expected === "string") expect(await who(caller)).toBe(expected)
    else expect(await who(caller)).toMatch(expected)
  })
})

describe("a grant, where an agent acts for a person", () => {
  let live: Live
  beforeAll(async () => {
    live = await Live.start(
      optionsOf("approvers: [dpo], within_seconds: 30", { residency: `${residency}${parties}` })
    )
  }, 60_000)
  afterAll(() => live?.stop())

  /** Has `caller` ask, and an approver allow three more of its kind. */
  const granted = async (caller: Caller, text: string): Promise<string> => {
    const held = await hold(live, caller, `select '${text}', name from customers`)
    const request = await held.id
    expect(await live.approvals(dpo, "grant", request, "--seconds", "60", "--uses", "3")).toMatchObject({ status: 0 })
    expect(await held.done).toMatchObject({ status: 0 })
    return request.replace(/^ap-/, "gr-")
  }
  const usesLeft = async (grant: string): Promise<number> => {
    const { stdout } = await live.approvals(dpo, "list", "--grants", "--json")
    return JSON.parse(stdout).find(({ id }: { id: string }) => id === grant).uses_left
  }
  const isHeld = async (caller: Caller, text: string): Promise<boolean> => {
    const asking: Held = await hold(live, caller, `select '${text}', name from customers`)
    const held = await Promise.race([asking.id.then(() => true, () => false), asking.done.then(() => false)])
    asking.kill()
    await asking.done
    return held && timesRun(live, text) === 0
  }

  it("is for that person by that agent: not for either alone, for others, or the other way round", async () => {
    const grant = await granted(through(ann, bot), "to ann by bot")
    const others: Readonly<Record<string, Caller>> = {
      "ann alone": ann,
      "bot alone": { sub: "bot" },
      "ann by another": through(ann, { sub: "other-bot" }),
      "another by bot": through(virginia, bot),
      "bot by ann": through({ sub: "bot" }, { sub: "ann" }),
      "ann by bot by another": through(ann, bot, { sub: "other-bot" }),
      "ann by another by bot": through(ann, { sub: "other-bot" }, bot)
    }
    for (const [name, caller] of Object.entries(others))
      expect([name, await isHeld(caller, name)]).toEqual([name, true])
    expect(await usesLeft(grant)).toBe(3)
    expect(await isHeld(through(ann, bot), "ann by bot again")).toBe(false)
    expect(timesRun(live, "ann by bot again")).toBe(1)
    expect(await usesLeft(grant)).toBe(2)
  }, 60_000)
  it("of a person is not her agent's, and one of an agent's own not that of whom it serves", async () => {
    const [hers, its] = [await granted(ann, "to ann"), await granted(virginia, "to virginia")]
    expect(await isHeld(through(ann, { sub: "other-bot" }), "ann by other-bot")).toBe(true)
    expect(await isHeld(through({ sub: "bot" }, { sub: "agent-virginia" }), "bot by virginia")).toBe(true)
    expect([await usesLeft(hers), await usesLeft(its)]).toEqual([3, 3])
  }, 60_000)
  it("is given by no agent for an approver", async () => {
    const held = await hold(live, { sub: "other-bot" }, "select 'asked by other-bot', name from customers")
    const id = await held.id
    const byAgent = await live.approvals(through(dpo, bot), "grant", id, "--seconds", "60", "--uses", "3")
    expect(byAgent.status).not.toBe(0)
    expect(byAgent.stderr).toMatch(/agent|act/i)
    expect(timesRun(live, "asked by other-bot")).toBe(0)
    held.kill()
    await held.done
  }, 60_000)
})
