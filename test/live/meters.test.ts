import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Live } from "../fixtures/live.ts"

const agent = { sub: "away-1" }
let live: Live

beforeAll(async () => {
  live = await Live.start({
    schema: [
      "create table people (id int primary key, name text)",
      "insert into people select n, 'Canary ' || n from generate_series(1, 20000) n"
    ],
    services: "  state: { use: sqlite, with: { path: ./state.db } }\n",
    plugins: ["{ use: identity }", "{ use: residency }", "{ use: recording, with: { answers: true } }"],
    residency: `  zones: { eu: { includes: [de] }, us: { includes: [us-east] } }
  data_sets:
    people: { home: [eu], subject: public.people.id, on: { orders: { tables: { public.people: {} } } } }
  parties:
    away: { match: { subject: away-* }, at: us-east, clearance: [eu] }
  transfers:
    - { id: bulk, from: eu, to: us, data_sets: [people], recipients: [away], mechanism: scc, subjects_max: { count: 3000, window: calendar_year } }`
  })
}, 120_000)
afterAll(() => live.stop())

/** Reads by id until the connection ends; how many came, and why it ended. */
const read = (text: string) =>
  live.as(agent, async (client) => {
    let rows = 0
    const query = client.query({ text, rowMode: "array" } as never) as unknown as Promise<{ rows: Array<unknown> }>
    client.connection.on("dataRow", () => rows++)
    const error = await query.then(() => undefined, (one: { code: string; message: string; hint: string }) => one)
    return { rows, error }
  })

describe("a cap, with real clients", () => {
  it("ends an answer in the middle, in the protocol's words, and nothing past it leaves", async () => {
    expect(await read("select id from people where id <= 2000")).toEqual({ rows: 2000, error: undefined })
    const { error, rows } = await read("select id, name from people")
    // Counted by HyperLogLog by now: within four standard errors.
    expect(Math.abs(rows - 3000)).toBeLessThan(4 * 0.0081 * 3000)
    expect(error).toMatchObject({ code: "42501", severity: "FATAL" })
    expect(error?.message).toContain("The cap of transfer bulk is reached: 3000 people of people for away")
    expect(error?.message).not.toContain("Canary")
  })

  it("holds after a restart of the gateway, also one that was killed", async () => {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      await live.down(signal)
      await live.up()
      const { error, rows } = await read("select id from people where id = 7")
      expect(rows).toBe(0)
      expect(error?.message).toContain("(approval_unavailable)")
    }
  })

  it("leaves receipts that the ledger alone can make again", async () => {
    const { status, stdout } = await live.sluice("audit", "rejudge", live.ledger)
    expect(stdout).toMatch(/^[1-9]\d* receipts made again, 0 different, 0 without their inputs\n$/)
    expect(status).toBe(0)
  })
})
