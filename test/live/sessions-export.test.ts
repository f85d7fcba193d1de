import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Live } from "../fixtures/live.ts"
import { clerk, remote, shop, support } from "../fixtures/shop.ts"

let live: Live
beforeAll(async () => {
  live = await Live.start(shop)
  await live.as(clerk, (client) => client.query("select name from customers"))
  await live.as(remote, (client) => client.query("select name from customers").catch(() => {}))
  const token = await live.issuer.token({ ...clerk }, { actors: [support.sub] })
  const { default: pg } = await import("pg")
  const client = new pg.Client({
    host: "127.0.0.1",
    port: live.port,
    user: "app",
    password: token,
    database: "postgres"
  })
  await client.connect()
  await client.query("select city from customers")
  await client.end()
  await live.down()
}, 60_000)
afterAll(() => live.stop())

const run = (...words: ReadonlyArray<string>) => live.sluice("sessions", "export", "--ledger", live.ledger, ...words)
const lines = (text: string): ReadonlyArray<any> => text.trimEnd().split("\n").map((line) => JSON.parse(line))

describe("sessions export", () => {
  it("writes the records as they are", async () => {
    const { status, stdout } = await run("--format", "jsonl")
    expect(status).toBe(0)
    const records = lines(stdout)
    expect(new Set(records.map(({ session }) => session)).size).toBe(3)
    expect(records.filter(({ type }) => type === "operation")).toHaveLength(3)
  })

  it("narrows as sessions list does", async () => {
    const { stdout } = await run("--format", "jsonl", "--decision", "deny")
    expect(new Set(lines(stdout).map(({ session }) => session)).size).toBe(1)
    expect((await run("--format", "jsonl", "--identity", "nobody")).status).toBe(1)
  })

  it("speaks OCSF, with what every event must have", async () => {
    const events = lines((await run("--format", "ocsf")).stdout)
    for (const event of events) {
      expect(event.type_uid).toBe(event.class_uid * 100 + event.activity_id)
      expect(event.metadata.product.name).toBe("Sluice")
      expect(event.time).toBeGreaterThan(1.6e12)
      expect(event.actor.user.name).toMatch(/^(clerk|remote)$/)
    }
    const operations = events.filter((event) => event.class_uid === 6005)
    expect(operations.map((event) => event.action_id)).toEqual([1, 2, 1])
    expect(operations[1]).toMatchObject({ status_code: "residency", severity_id: 3, query_info: {}, src_endpoint: {} })
    expect(operations[2]).toMatchObject({ ai_agent: { name: "support" }, metadata: { profiles: ["ai_operation"] } })
    expect(operations[2].delegation.uid).toMatch(/^[0-9a-f]{64}$/)
    expect(operations[0].delegation).toBeUndefined()
  })

  it("plays one session as an asciicast", async () => {
    expect((await run("--format", "asciicast")).status).toBe(2)
    const [{ session }] = lines((await run("--format", "jsonl")).stdout)
    const [header, ...events] = lines((await run(session, "--format", "asciicast")).stdout)
    expect(header).toMatchObject({ version: 3, term: { cols: 120, rows: 40 } })
    expect(events.every(([seconds, code]) => seconds >= 0 && code === "o")).toBe(true)
    expect(events.map(([, , text]) => text).join("")).toContain("select name from customers")
  })

  it("writes to a file that nobody else may read, and to none that is there", async () => {
    const file = join(live.folder, "out.jsonl")
    expect((await run("--format", "jsonl", "--output", file)).status).toBe(0)
    expect(existsSync(file) && lines(readFileSync(file, "utf8")).length > 3).toBe(true)
    expect(statSync(file).mode & 0o077).toBe(0)
    const again = await run("--format", "jsonl", "--output", file)
    expect(again.status).toBe(2)
    expect(again.stderr).toContain("EEXIST")
  })

  it("knows its formats", async () => {
    const { status, stderr } = await run("--format", "xml")
    expect(status).toBe(2)
    expect(stderr).toContain("jsonl, ocsf, asciicast")
  })
})
