import { spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { freePort } from "../../config/demo/free-port.ts"
import { Live, MAIN } from "../fixtures/live.ts"
import { dpo, hold, optionsOf, second, timesRun, until, virginia } from "./approvals-bench.ts"

let live: Live
const services = (port: number) =>
  `  state: { use: postgres, with: { address: "127.0.0.1:${port}", database: postgres, credential: DB, tls: off } }`
const rules = (more: string) =>
  optionsOf(`approvers: [dpo], within_seconds: 60, ${more}`, { services: services(live.postgres.port) })

beforeAll(async () => {
  live = await Live.start(
    optionsOf("approvers: [dpo], within_seconds: 60, quorum: 2, reason_required: true, open_max_per_identity: 3")
  )
  live.configure(rules("quorum: 2, reason_required: true, open_max_per_identity: 3"))
  await live.down()
  await live.up()
}, 90_000)
afterAll(() => live?.stop())

/** Puts other rules in force. */
const restart = async (more: string): Promise<void> => {
  await live.down("SIGKILL")
  live.configure(rules(more))
  await live.up()
}

describe("on state in PostgreSQL", () => {
  it("I21: runs only when two distinct people have said yes, each with a reason", async () => {
    const psql = await hold(live, virginia, "select 'quorum', name from customers")
    const id = await psql.id
    expect((await live.approvals(dpo, "approve", id)).stderr).toContain("A reason must be given")
    expect((await live.approvals(dpo, "approve", id, "--reason", "fine")).stdout).toContain("1 of 2 have approved")
    const alias = { ...dpo, sub: "dora-two", email: "DORA+x@example.com" }
    expect((await live.approvals(alias, "approve", id, "--reason", "again")).stderr).toContain("approved this already")
    expect(timesRun(live, "'quorum'")).toBe(0)
    expect((await live.approvals(second, "approve", id, "--reason", "fine too")).status).toBe(0)
    expect((await psql.done).stdout).toContain("Ada")
    expect(timesRun(live, "'quorum'")).toBe(1)
  })

  it("I22 D10: takes no flood, no twins, and keeps the others' place", async () => {
    const held = await Promise.all(
      [1, 2, 3].map((n) => hold(live, virginia, `select 'flood ${n}', name from customers`))
    )
    const ids = await Promise.all(held.map(({ id }) => id))
    const more = await hold(live, virginia, "select 'flood 4', name from customers")
    expect((await more.done).stderr).toContain("Too many operations wait for approval already. (approval_queue)")
    const list = await live.approvals(dpo, "list", "--json")
    expect(JSON.parse(list.stdout).filter(({ id }: any) => ids.includes(id)).map(({ alike }: any) => alike)).toEqual([
      3,
      3,
      3
    ])
    held[0]!.kill()
    await until(async () => (await live.approvals(dpo, "show", ids[0]!, "--json")).stdout.includes("\"void\""))
    await until(async () => JSON.parse((await live.approvals(dpo, "list", "--json")).stdout).length === 2)
    const twin = await hold(live, virginia, "select 'flood 2', name from customers")
    expect((await twin.done).stderr).toContain(`waits for approval already, as ${ids[1]}`)
    for (const { kill } of held) kill()
    expect(timesRun(live, "'flood")).toBe(0)
  })

  it("I19: an approval is lost with the gateway that was killed, and nothing ever runs by it", async () => {
    const psql = await hold(live, virginia, "select 'killed', name from customers")
    const id = await psql.id
    await live.approvals(dpo, "approve", id, "--reason", "fine")
    await live.down("SIGKILL")
    expect((await psql.done).status).not.toBe(0)
    expect((await live.approvals(second, "approve", id, "--reason", "late")).status).toBe(0)
    await live.up()
    await until(async () => (await live.approvals(dpo, "show", id, "--json")).stdout.includes("\"void\""))
    const again = await hold(live, virginia, "select 'killed', name from customers")
    expect(await again.id).not.toBe(id)
    again.kill()
    expect(timesRun(live, "'killed'")).toBe(0)
  })

  it("is decided through one gateway and released by another", async () => {
    const port = await freePort()
    const page = await freePort()
    const other = join(live.folder, "other.config.yaml")
    writeFileSync(
      other,
      readFileSync(live.file, "utf8").replace("name: live", "name: other").replace("./ledger", "./ledger-other")
        .replace(`listen: 127.0.0.1:${live.port}`, `listen: 127.0.0.1:${port}`)
        .replace("  state:", `  approvals: { use: approvals, with: { listen: "127.0.0.1:${page}" } }\n  state:`)
    )
    const child = spawn(process.execPath, [MAIN, "up", "--config", other], { stdio: ["ignore", "pipe", "ignore"] })
    try {
      await new Promise<void>((resolve, reject) => {
        child.once("exit", () => reject(new Error("The other gateway stopped.")))
        createInterface({ input: child.stdout }).on("line", (line) => line === "ready" && resolve())
      })
      const psql = await hold(live, virginia, "select 'two gateways', name from customers")
      const id = await psql.id
      const ask = async (as: typeof dpo, path: string, body?: unknown): Promise<any> => {
        const headers = { authorization: `Bearer ${await live.token(as)}`, "content-type": "application/json" }
        const sent = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) }
        return (await fetch(`http://127.0.0.1:${page}${path}`, sent)).json()
      }
      const { binding } = await ask(dpo, `/v1/requests/${id}`)
      await ask(dpo, `/v1/requests/${id}/approve`, { binding, reason: "one" })
      await ask(second, `/v1/requests/${id}/approve`, { binding, reason: "two" })
      expect((await psql.done).stdout).toContain("Ada")
      expect(timesRun(live, "'two gateways'")).toBe(1)
    } finally {
      child.kill("SIGKILL")
    }
  })

  it("refuses with a handle where clients do not wait; the same passes once it is approved, once", async () => {
    await restart("clients: retry")
    const ask = () => live.psql(virginia, "select 'retried', name from customers", "-At")
    const refused = await ask()
    expect(refused.stderr).toContain("(approval_required)")
    const id = /ap-[a-z0-9]+/.exec(refused.stderr)![0]
    expect((await ask()).stderr).toContain(id)
    expect((await live.approvals(dpo, "approve", id)).stderr).toContain("not submitted yet")
    expect((await live.approvals(dpo, "request", id)).status).toBe(1)
    expect((await live.approvals(virginia, "request", id, "--reason", "outage")).stdout).toContain("pending")
    expect((await ask()).stderr).toContain("waits for approval")
    expect((await live.approvals(dpo, "approve", id)).status).toBe(0)
    expect((await live.psql(virginia, "select 'retried', name, 1 from customers", "-At")).stderr).toContain(
      "approval_required"
    )
    expect((await ask()).stdout).toContain("Ada")
    const once = await ask()
    expect(once.stderr).toContain("(approval_required)")
    expect(once.stderr).not.toContain(id)
    expect(timesRun(live, "'retried', name from")).toBe(1)
  })
})
