import type pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Live } from "../fixtures/live.ts"
import { dpo, until } from "./approvals-bench.ts"

const CAP = 100
const agent = { sub: "away-1" }
let live: Live

beforeAll(async () => {
  live = await Live.start({
    schema: [
      "create table people (id int primary key, name text)",
      "insert into people select n, 'Canary ' || n from generate_series(1, 1000) n"
    ],
    services: "  state: { use: sqlite, with: { path: ./state.db } }\n",
    plugins: [
      "{ use: identity }",
      "{ use: residency }",
      "{ use: approval, with: { approvers: [dpo], within_seconds: 30 } }",
      "{ use: recording, with: { answers: true } }"
    ],
    residency: `  zones: { eu: { includes: [de] }, us: { includes: [us-east] } }
  data_sets:
    people: { home: [eu], subject: public.people.id, on: { orders: { tables: { public.people: {} } } } }
  parties:
    away: { match: { subject: away-* }, at: us-east, clearance: [eu] }
    officer: { match: { group: dpo }, at: de, clearance: [eu] }
  transfers:
    - { id: bulk, from: eu, to: us, data_sets: [people], recipients: [away], mechanism: scc, subjects_max: { count: ${CAP}, window: calendar_year } }`
  })
}, 120_000)
afterAll(() => live?.stop())

interface Asked {
  readonly ids: ReadonlyArray<string>
  /** Rows that came, and the message that ended it. */
  readonly done: Promise<{ readonly rows: number; readonly error: string | undefined }>
}

const ask = async (text: string, values?: ReadonlyArray<unknown>): Promise<Asked> => {
  const client: pg.Client = await live.connect(agent)
  const ids: Array<string> = []
  client.on("notice", ({ message = "" }) => ids.push(...(/ap-[a-z0-9]+/.exec(message) ?? [])))
  let rows = 0
  client.connection.on("dataRow", () => rows++)
  const done = client.query(text, values as Array<unknown>).then(
    () => undefined,
    (error: Error) => error.message
  ).then(async (error) => {
    await client.end().catch(() => {})
    return { rows, error }
  })
  return { ids, done }
}
const read = async (text: string) => (await ask(text)).done

/** Asks what must be held, and says yes. */
const approved = async (text: string, values?: ReadonlyArray<unknown>) => {
  const { done, ids } = await ask(text, values)
  await until(() => ids.length > 0)
  const yes = await live.approvals(dpo, "approve", ids[0]!)
  expect(yes.stderr).toBe("")
  return { ...await done, ids }
}

describe("a cap, with somebody who approves", () => {
  it(
    "is allowed below, cut at the cap, and held above it: twice the cap is the end, also of what was approved",
    async () => {
      expect(await read("select id from people where id <= 60")).toEqual({ rows: 60, error: undefined })
      const cut = await read("select id from people where id <= 150 order by id")
      expect(cut.rows).toBe(CAP)
      expect(cut.error).toContain("The cap of transfer bulk is reached")

      // Held now, whoever is asked for: also for people who have left before.
      const known = await approved("select id from people where id = 7")
      expect(known).toMatchObject({ rows: 1, error: undefined })
      const bound = await approved("select id from people where id = $1", [101])
      expect(bound).toMatchObject({ rows: 1, error: undefined })
      expect(bound.ids).toHaveLength(1)

      const most = await approved("select id from people where id <= 150 order by id")
      expect(most).toMatchObject({ rows: 150, error: undefined })
    },
    60_000
  )

  it("is held after a restart too", async () => {
    await live.down("SIGTERM")
    await live.up()
    const { done, ids } = await ask("select id from people where id = 8")
    await until(() => ids.length > 0)
    await live.approvals(dpo, "deny", ids[0]!)
    expect(await done).toMatchObject({ rows: 0, error: expect.stringContaining("approval_denied") })
  }, 60_000)

  it("lets two who were approved at once out with no more than twice the cap together, and then nobody", async () => {
    const first = await ask("select id, 'first' from people where id between 151 and 190")
    const second = await ask("select id, 'second' from people where id between 191 and 230")
    await until(() => first.ids.length > 0 && second.ids.length > 0)
    await Promise.all([first, second].map(({ ids }) => live.approvals(dpo, "approve", ids[0]!)))
    const ends = [await first.done, await second.done]
    const rows = ends[0]!.rows + ends[1]!.rows
    expect(rows).toBeLessThanOrEqual(50)
    expect(ends.some(({ error }) => error !== undefined)).toBe(true)
    // What is left of it goes by one more yes; after that nobody is asked.
    await approved("select id from people where id > 500 order by id").catch(() => {})
    const last = await ask("select id from people where id = 1")
    const { error, rows: none } = await last.done
    expect({ none, ids: last.ids }).toEqual({ none: 0, ids: [] })
    expect(error).toContain("(residency)")
  }, 60_000)

  it("R06: is spent, not forgotten, where the gateway was killed with room for the rest of it", async () => {
    await live.down("SIGKILL")
    await live.up()
    const { done, ids } = await ask("select id from people where id = 9")
    expect(await done).toMatchObject({ rows: 0, error: expect.stringContaining("(residency)") })
    expect(ids).toEqual([])
  }, 60_000)

  it("leaves receipts that the ledger alone can make again", async () => {
    const { status, stdout } = await live.sluice("audit", "rejudge", live.ledger)
    expect(stdout).toMatch(/^[1-9]\d* receipts made again, 0 different, 0 without their inputs\n$/)
    expect(status).toBe(0)
  })
})
