import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { setTimeout as sleep } from "node:timers/promises"
import { type LedgerRecord, readRecords } from "../../plugins/services/ledger/index.ts"
import { Live } from "../fixtures/live.ts"
import { clerk, shop } from "../fixtures/shop.ts"

/** How often the gateway is killed. */
const ROUNDS = Number(process.env["CRASH_ROUNDS"] ?? 10)
const CLIENTS = 4

let live: Live
beforeAll(async () => {
  live = await Live.start(shop)
})
afterAll(() => live.stop())

/** Writes one row after the other until the connection is gone; every third one as a prepared statement. */
const writeUntilKilled = async (name: string): Promise<void> => {
  const client = await live.connect(clerk).catch(() => undefined)
  if (client === undefined) return
  try {
    for (let i = 0;; i++) {
      const marker = `mark-${name}-${i}`
      if (i % 3 === 0) await client.query("insert into scratch values ($1, 1)", [marker])
      else await client.query(`insert into scratch values ('${marker}', 1)`)
    }
  } catch {
    // It was killed.
  } finally {
    client.end().catch(() => {})
  }
}

/** What has really run: the rows that are there, and what the server's own log says it was asked. */
const executed = async (): Promise<ReadonlySet<string>> => {
  const rows = await live.direct((client) => client.query<{ sku: string }>("select sku from scratch"))
  const logged = live.upstreamLog().matchAll(/mark-[\w-]+/g)
  return new Set([...rows.rows.map(({ sku }) => sku), ...[...logged].map(([marker]) => marker)])
}

/** The markers of which there is no operation, with its text and digest, in `records`. */
const unrecorded = (markers: Iterable<string>, records: ReadonlyArray<LedgerRecord>): ReadonlyArray<string> => {
  const recorded = new Set<string>()
  for (const { body, type } of records) {
    if (type !== "operation" || typeof body["digest"] !== "string") continue
    for (const [marker] of JSON.stringify([body["text"], body["parameters"]]).matchAll(/mark-[\w-]+/g)) {
      recorded.add(marker)
    }
  }
  return [...markers].filter((marker) => !recorded.has(marker))
}

describe("a gateway that is killed", () => {
  it("has recorded every statement that ran", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const clients = Array.from({ length: CLIENTS }, (_, i) => writeUntilKilled(`${round}-${i}`))
      await sleep(250 + Math.random() * 500)
      await live.down("SIGKILL")
      await Promise.all(clients)
      await live.up()
    }
    const ran = await executed()
    expect(ran.size).toBeGreaterThan(ROUNDS * CLIENTS)
    const records = [...readRecords(live.ledger)]
    expect(unrecorded(ran, records)).toEqual([])
    const verified = await live.sluice("audit", "verify", live.ledger)
    expect(verified.status, verified.stdout + verified.stderr).toBe(0)
  }, 60_000 + ROUNDS * 10_000)

  it("names those sessions", async () => {
    const records = [...readRecords(live.ledger)]
    const operation = records.find(({ body, type }) => type === "operation" && JSON.stringify(body).includes("mark-"))!
    const listed = await live.sluice("sessions", "list", "--ledger", live.ledger)
    expect(listed.stdout + listed.stderr).toContain(operation.session)
    const shown = await live.sluice("sessions", "show", operation.session, "--ledger", live.ledger)
    expect(shown.stdout + shown.stderr).toContain("mark-")
  })

  it("would be found out, had it written any of them later", async () => {
    const ran = await executed()
    const records = [...readRecords(live.ledger)]
    const last = records.findLastIndex(({ body, type }) =>
      type === "operation" && [...ran].some((marker) =>
        JSON.stringify(body).includes(`${marker}"`)
        || JSON.stringify(body).includes(`${marker}'`)
      )
    )
    expect(unrecorded(ran, records.toSpliced(last, 1))).toHaveLength(1)
  })
})
