import type pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { freePort } from "../../config/demo/free-port.ts"
import { bypasses, lasting, type UpstreamSession } from "../../config/coverage.ts"
import { Live } from "../fixtures/live.ts"
import { clerk, shop } from "../fixtures/shop.ts"

const session = (more: Partial<UpstreamSession> = {}): UpstreamSession => ({
  pid: "7",
  user: "app",
  database: "orders",
  application: "psql",
  client: "10.0.0.1:4000",
  since: "2026-01-01T00:00:00.000Z",
  kind: "client",
  hidden: false,
  ...more
})

describe("what went past the gateway", () => {
  const ends = new Set(["10.0.0.1:4000"])
  it("is told by address and port alone", () => {
    expect(bypasses([session()], ends)).toEqual([])
    for (const client of ["10.0.0.1:4001", "10.0.0.2:4000", null]) {
      expect(bypasses([session({ client })], ends)).toMatchObject([{ why: "direct" }])
    }
    expect(bypasses([session({ client: null, hidden: true })], ends)).toMatchObject([{ why: "hidden" }])
    expect(bypasses([session({ application: "sluice catalogue", client: "10.0.0.9:1" })], ends)).toHaveLength(1)
  })
  it("was there both times, and is the same one", () => {
    const found = bypasses([session({ client: null })], ends)
    expect(lasting(found, found)).toEqual(found)
    expect(lasting([], found)).toEqual([])
    expect(lasting(found, found.map((one) => ({ ...one, since: "2026-01-01T00:00:01.000Z" })))).toEqual([])
  })
})

describe("coverage", () => {
  let live: Live
  let admin: string
  let through: pg.Client
  beforeAll(async () => {
    admin = `127.0.0.1:${await freePort()}`
    live = await Live.start({ ...shop, gateway: `, admin: { listen: "${admin}" }` })
    through = await live.connect(clerk)
    await through.query("select 1")
  }, 60_000)
  afterAll(async () => {
    await through.end()
    await live.stop()
  })
  const run = (...words: ReadonlyArray<string>) => live.sluice("coverage", "--config", live.file, ...words)

  it("says yes while everybody comes through the gateway, its own questions about the catalogue included", async () => {
    await through.query("select name from customers")
    const { status, stderr, stdout } = await run()
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
    expect(stdout).toMatch(
      /^orders: [2-9] sessions at the upstream, which says that it is at 127\.0\.0\.1:\d+; all came/
    )
  })

  it("names whoever connects directly, though it calls itself the gateway", async () => {
    await live.direct(async (client) => {
      await client.query("set application_name to 'sluice catalogue'")
      const { status, stdout } = await run("--json")
      expect(status).toBe(1)
      const [{ bypasses: found }] = JSON.parse(stdout)
      expect(found).toMatchObject([{ user: "postgres", application: "sluice catalogue", why: "direct" }])
      expect(found[0].client).toMatch(/^127\.0\.0\.1:\d+$/)
      const text = await run("--pipeline", "orders")
      expect(text.status).toBe(1)
      expect(text.stdout).toContain("1 did not come through the gateway")
    })
    expect((await run()).status).toBe(0)
  })

  it("needs a gateway that can be asked", async () => {
    const none = await run("--admin", `127.0.0.1:${await freePort()}`)
    expect(none.status).toBe(2)
    expect(none.stderr).toContain("cannot be asked")
    expect((await run("--pipeline", "none")).status).toBe(2)
  })
})
