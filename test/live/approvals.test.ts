import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Live, MAIN, runProgram } from "../fixtures/live.ts"
import { readRecords } from "../../plugins/services/ledger/index.ts"
import { away, dpo, hold, optionsOf, second, timesRun, until, virginia } from "./approvals-bench.ts"

let live: Live
beforeAll(async () => {
  live = await Live.start(optionsOf("approvers: [dpo], within_seconds: 30"))
}, 60_000)
afterAll(() => live?.stop())

const QUERY = "select name from customers order by id"

describe("an operation that needs approval", () => {
  it("waits in psql, and yields its rows once somebody else has approved it", async () => {
    const psql = await hold(live, virginia, QUERY)
    const id = await psql.id
    expect(timesRun(live, QUERY)).toBe(0)
    const shown = await live.approvals(dpo, "show", id)
    expect(shown.stdout).toContain(QUERY)
    expect(shown.stdout).toContain("agent-virginia")
    expect(shown.stdout).toContain("us-east")
    const words = ["approvals", "approve", id, "--config", live.file]
    const approved = await runProgram(process.execPath, [MAIN, ...words], "", { SLUICE_TOKEN: await live.token(dpo) })
    expect(approved.stderr).toBe("")
    expect(approved.status).toBe(0)
    const ran = await psql.done
    expect(ran.stdout).toBe("Ada\nGrace\n")
    expect(ran.status).toBe(0)
    expect(timesRun(live, QUERY)).toBe(1)
    const again = await live.approvals(dpo, "approve", id)
    expect(again.status).toBe(1)
    expect(again.stderr).toContain("used already")
  })

  it("is refused in clean words when it is denied, and does not run", async () => {
    const psql = await hold(live, virginia, "select 'denied', name from customers")
    const denied = await live.approvals(dpo, "deny", await psql.id, "--reason", "not today")
    expect(denied.status).toBe(0)
    const { stderr } = await psql.done
    expect(stderr).toContain("was denied: not today. (approval_denied)")
    expect(timesRun(live, "'denied'")).toBe(0)
  })

  it("is refused when nobody decides in time", async () => {
    const short = await Live.start(optionsOf("approvers: [dpo], within_seconds: 1"))
    try {
      const psql = await hold(short, virginia, QUERY)
      await psql.id
      expect((await psql.done).stderr).toContain("within 1 seconds. (approval_timeout)")
      expect(timesRun(short, QUERY)).toBe(0)
    } finally {
      await short.stop()
    }
  })

  it("is refused when its request is revoked", async () => {
    const psql = await hold(live, virginia, "select 'revoked', name from customers")
    expect((await live.approvals(virginia, "revoke", await psql.id)).status).toBe(0)
    expect((await psql.done).stderr).toContain("(approval_void)")
    expect(timesRun(live, "'revoked'")).toBe(0)
  })

  it("I24: does not run when the client has gone, also if it is approved then", async () => {
    const psql = await hold(live, virginia, "select 'gone', name from customers")
    const id = await psql.id
    psql.kill()
    await psql.done
    await until(async () => (await live.approvals(dpo, "show", id, "--json")).stdout.includes("\"void\""))
    const late = await live.approvals(dpo, "approve", id)
    expect(late.status).toBe(1)
    expect(late.stderr).toContain("void already")
    expect(timesRun(live, "'gone'")).toBe(0)
  })

  it("is given up when the client cancels", async () => {
    const psql = await hold(live, virginia, "select 'ctrl-c', name from customers")
    const id = await psql.id
    psql.interrupt()
    expect((await psql.done).stderr).toContain("(cancelled)")
    await until(async () => (await live.approvals(dpo, "show", id, "--json")).stdout.includes("\"void\""))
    expect(timesRun(live, "'ctrl-c'")).toBe(0)
  })

  it("I20: is not approved by whoever asks, nor by a token that somebody else holds, nor by an agent", async () => {
    const psql = await hold(live, virginia, "select 'self', name from customers")
    const id = await psql.id
    const self = await live.approvals({ sub: "agent-virginia", groups: ["dpo"] }, "approve", id)
    expect(self.status).toBe(1)
    expect(self.stderr).toContain("Nobody decides on what they ask for")
    const alias = await live.approvals(
      { sub: "other", groups: ["dpo"], preferred_username: "Agent-Virginia" },
      "approve",
      id
    )
    expect(alias.status).toBe(1)
    const acted = await live.approvals({ sub: "dora", groups: ["dpo"], act: { sub: "bot" } }, "approve", id)
    expect(acted.stderr).toContain("People decide themselves")
    const agent = await live.approvals({ sub: "agent-berlin", groups: ["dpo"] }, "approve", id)
    expect(agent.stderr).toContain("agent")
    expect((await live.approvals({ sub: "emil" }, "show", id)).stderr).toContain("no request")
    await live.approvals(dpo, "deny", id)
    await psql.done
    expect(timesRun(live, "'self'")).toBe(0)
  })

  it("is not shown to, nor approved by, someone at a place where the data may not be seen", async () => {
    const psql = await hold(live, virginia, "select 'place', name from customers")
    const id = await psql.id
    const shown = await live.approvals(away, "show", id)
    expect(shown.stdout).toContain("may not be seen at us-east")
    expect(shown.stdout).not.toContain("'place'")
    expect((await live.approvals(away, "approve", id)).status).toBe(1)
    expect((await live.approvals(second, "approve", id)).status).toBe(0)
    expect((await psql.done).stdout).toContain("Ada")
  })

  it("I23: is refused when the token expires meanwhile", async () => {
    const psql = await hold(live, virginia, "select 'expired', name from customers", 3)
    const id = await psql.id
    expect((await psql.done).stderr).toContain("expired")
    await until(async () => (await live.approvals(dpo, "show", id, "--json")).stdout.includes("\"void\""))
    expect(timesRun(live, "'expired'")).toBe(0)
  })

  it("is held for drivers that bind parameters, and runs with exactly those", async () => {
    const client = await live.connect(virginia)
    try {
      const notices: Array<string> = []
      client.on("notice", ({ message }) => notices.push(message ?? ""))
      const asked = client.query("select name from customers where id = $1", [2])
      await until(() => notices.length > 0)
      const id = /ap-[a-z0-9]+/.exec(notices[0]!)![0]
      const shown = await live.approvals(dpo, "show", id)
      expect(shown.stdout).toContain("$1 = '2'")
      await live.approvals(dpo, "approve", id)
      expect((await asked).rows).toEqual([{ name: "Grace" }])
      const again = client.query("select name from customers where id = $1", [2])
      await until(() => notices.length > 1)
      const other = /ap-[a-z0-9]+/.exec(notices[1]!)![0]
      expect(other).not.toBe(id)
      await live.approvals(dpo, "deny", other)
      await expect(again).rejects.toThrow(/approval_denied/)
    } finally {
      await client.end()
    }
  })

  it("passes under a grant as often as it says, and no more once that is revoked", async () => {
    const psql = await hold(live, virginia, "select 'granted', name from customers")
    const id = await psql.id
    expect((await live.approvals(dpo, "grant", id, "--seconds", "60", "--uses", "2")).status).toBe(0)
    expect((await psql.done).stdout).toContain("Ada")
    const client = await live.connect(virginia)
    const notices: Array<string> = []
    client.on("notice", ({ message }) => notices.push(message ?? ""))
    try {
      expect((await client.query("select 'more', name from customers")).rows).toHaveLength(2)
      expect(notices).toEqual([])
      const [grant] = JSON.parse((await live.approvals(dpo, "list", "--grants", "--json")).stdout)
      expect(grant).toMatchObject({ request: id, uses_left: 1, by: ["dora"] })
      expect((await live.approvals({ sub: "emil" }, "revoke", grant.id)).status).toBe(1)
      expect((await live.approvals(dpo, "revoke", grant.id)).status).toBe(0)
      const held = client.query("select 'even more', name from customers")
      await until(() => notices.length > 0)
      await live.approvals(dpo, "deny", /ap-[a-z0-9]+/.exec(notices[0]!)![0])
      await expect(held).rejects.toThrow(/approval_denied/)
    } finally {
      await client.end()
    }
    expect(timesRun(live, "'even more'")).toBe(0)
  })

  it("I18: is void when the policy changes while it waits, even after a yes", async () => {
    const psql = await hold(live, virginia, "select 'policy', name from customers")
    const id = await psql.id
    const options = optionsOf("approvers: [dpo], within_seconds: 30")
    live.configure({
      ...options,
      residency: options.residency.replace("us: { includes: [us-east] }", "us: { includes: [us-east, us-west] }")
    })
    await until(() => live.log.some((line) => line.includes("plan in force")))
    expect((await live.approvals(dpo, "approve", id)).status).toBe(0)
    expect((await psql.done).stderr).toContain("What would run now is not what was approved")
    expect(timesRun(live, "'policy'")).toBe(0)
  })

  it("I18: is void when a view is redefined while it waits, even after a yes", async () => {
    const psql = await hold(live, virginia, "select 'view', name from seen")
    const id = await psql.id
    await live.direct((client) =>
      client.query("create or replace view seen as select upper(name) as name from customers")
    )
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect((await live.approvals(dpo, "approve", id)).status).toBe(0)
    expect((await psql.done).stderr).toContain("What would run now is not what was approved")
    expect(timesRun(live, "'view'")).toBe(0)
  })

  it("I23: is refused when the token is no longer accepted, though it has not expired", async () => {
    const psql = await hold(live, virginia, "select 'withdrawn', name from customers")
    const id = await psql.id
    await live.issuer.rotate({ forget: true })
    live.issuer.writeJwksFile(join(live.folder, "jwks.json"))
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect((await live.approvals(dpo, "approve", id)).status).toBe(0)
    expect((await psql.done).stderr).toContain("not accepted any more")
    expect(timesRun(live, "'withdrawn'")).toBe(0)
  })

  it("runs as the gateway rewrote it, shows both texts, and masks what it answers", async () => {
    const options = optionsOf("approvers: [dpo], within_seconds: 30")
    const masked = {
      ...options,
      residency: options.residency.replace("public.customers: {}", "public.customers: { name: name }")
    }
    live.configure(masked)
    await until(() => live.log.filter((line) => line.includes("plan in force")).length >= 2)
    const psql = await hold(live, virginia, "select 'rewritten', upper(name) from customers")
    const id = await psql.id
    const shown = await live.approvals(dpo, "show", id)
    expect(shown.stdout).toContain("before the gateway rewrote it")
    expect((await live.approvals(dpo, "approve", id)).status).toBe(0)
    const { stderr, stdout } = await psql.done
    expect(stdout).toBe("rewritten|****\nrewritten|****\n")
    expect(stderr).not.toContain("ERROR")
  })

  it("is in the ledger, step by step, and the operation names who approved it", async () => {
    const records = [...readRecords(live.ledger)]
    const steps = records.filter(({ type }) => type === "approval").map(({ body }) => body["step"])
    for (const step of ["requested", "shown", "voted", "approved", "denied", "void", "used"]) {
      expect(steps).toContain(step)
    }
    const released = records.filter(({ body, type }) => type === "operation" && body["approval"] !== undefined)
    expect(released.length).toBeGreaterThan(1)
    expect(released[0]!.body["approval"]).toMatchObject({ by: ["dora"] })
    const verified = await live.command("audit", "verify", live.ledger)
    expect(verified.status).toBe(0)
  })

  it("ends in clean words when the gateway stops, and does not run", async () => {
    const psql = await hold(live, virginia, "select 'shutdown', name from customers")
    const id = await psql.id
    live.configure({ ...optionsOf("approvers: [dpo], within_seconds: 30") })
    const stopped = live.down()
    setTimeout(() => live.process?.kill("SIGTERM"), 800)
    await stopped
    expect((await psql.done).stderr).toMatch(/shutting down|closed the connection/)
    expect(timesRun(live, "'shutdown'")).toBe(0)
    await live.up()
    expect((await live.approvals(dpo, "approve", id)).stderr).toContain("void already")
    expect(timesRun(live, "'shutdown'")).toBe(0)
  })
})
