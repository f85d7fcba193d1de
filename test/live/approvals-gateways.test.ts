import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { freePort } from "../../config/demo/free-port.ts"
import { readRecords } from "../../plugins/services/ledger/index.ts"
import { Live } from "../fixtures/live.ts"
import { type RealPostgres, startPostgres } from "../fixtures/real-postgres.ts"
import { type Gateway, startGateway } from "../fixtures/start-gateway.ts"
import { dpo, hold, optionsOf, timesRun, until, virginia } from "./approvals-bench.ts"

let live: Live
let state: RealPostgres
const others: Array<Gateway> = []

beforeAll(async () => {
  state = await startPostgres()
  const services =
    `  state: { use: postgres, with: { address: "127.0.0.1:${state.port}", database: postgres, credential: DB, tls: off } }`
  const more = "open_max_per_identity: 100, per_minute_max: 1000"
  live = await Live.start(optionsOf(`approvers: [dpo], within_seconds: 12, ${more}`, { services }))
}, 90_000)
afterEach(async () => {
  for (const other of others.splice(0)) await other.stop("SIGKILL")
})
afterAll(async () => {
  await live?.stop()
  await state?.stop()
})

/** Another gateway on the same state, with a page of its own. `aheadSeconds`: how its clock is set. */
const start = async (name: string, aheadSeconds = 0) => {
  const [port, page] = [await freePort(), await freePort()]
  const file = join(live.folder, `${port}.config.yaml`)
  const text = readFileSync(live.file, "utf8").replace("name: live", `name: ${name}`)
    .replace("./ledger", `./ledger-${port}`)
    .replace(`listen: 127.0.0.1:${live.port}`, `listen: 127.0.0.1:${port}`)
    .replace("  state:", `  approvals: { use: approvals, with: { listen: "127.0.0.1:${page}" } }\n  state:`)
  writeFileSync(file, text)
  const gateway = await startGateway(file, aheadSeconds === 0 ? [] : ["--import", clockOf(aheadSeconds)])
  others.push(gateway)
  const ask = async (path: string, body?: unknown): Promise<any> => {
    const iat = Math.floor(Date.now() / 1000) - 900
    const token = await live.issuer.token({ ...dpo, iat, exp: iat + 1800 })
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
    const sent = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) }
    return (await fetch(`http://127.0.0.1:${page}${path}`, sent)).json()
  }
  const approve = async (id: string) => {
    const { binding } = await ask(`/v1/requests/${id}`)
    return ask(`/v1/requests/${id}/approve`, { binding })
  }
  return { gateway, ask, approve, ledger: join(live.folder, `ledger-${port}`) }
}

/** A module that sets a process's clock ahead, or back. */
const clockOf = (aheadSeconds: number): string => {
  const file = join(live.folder, `clock-${aheadSeconds}.mjs`)
  writeFileSync(
    file,
    `const now = Date.now
Date.now = () => now() + ${aheadSeconds * 1000}
`
  )
  return file
}

const statusOf = async (id: string): Promise<string> =>
  JSON.parse((await live.approvals(dpo, "show", id, "--json")).stdout).status

const query = (mark: string): string => `select '${mark}', name from customers`

describe("two gateways on one state", () => {
  it("I19: a hold of one that is killed is void soon, by the other, which records it", async () => {
    const other = await start("other")
    const psql = await hold(live, virginia, query("killed mid-hold"))
    const id = await psql.id
    await live.down("SIGKILL")
    expect((await psql.done).status).not.toBe(0)
    await until(async () => await statusOf(id) === "void")
    expect((await live.approvals(dpo, "approve", id)).stderr).toContain("void already")
    await until(() =>
      [...readRecords(other.ledger)].some(({ body }) => body["request"] === id && body["step"] === "void")
    )
    await live.up()
    expect(timesRun(live, "killed mid-hold")).toBe(0)
  })

  it("I19: what was running when its gateway was killed never runs again", async () => {
    await start("other")
    const psql = await hold(live, virginia, query("killed mid-run"))
    const id = await psql.id
    await live.direct(async (client) => {
      // Whoever reads the table now runs until this ends.
      await client.query("begin; lock table customers in access exclusive mode")
      expect((await live.approvals(dpo, "approve", id)).status).toBe(0)
      await until(() => timesRun(live, "killed mid-run") === 1)
      await live.down("SIGKILL")
      expect((await psql.done).status).not.toBe(0)
    })
    await live.up()
    expect(await statusOf(id)).toBe("used")
    expect((await live.approvals(dpo, "approve", id)).stderr).toContain("used already")
    await sleep(1000)
    expect(timesRun(live, "killed mid-run")).toBe(1)
  })

  it("twins of one name leave each other's holds alone, whether they begin, stop or die", async () => {
    const psql = await hold(live, virginia, query("twin begins"))
    const id = await psql.id
    const twin = await start("live")
    await sleep(600)
    expect(await statusOf(id)).toBe("pending")
    expect((await twin.approve(id)).status).toBe("approved")
    expect((await psql.done).stdout).toContain("|Ada")

    const stops = await hold(live, virginia, query("twin stops"))
    await stops.id
    await twin.gateway.stop()
    expect((await live.approvals(dpo, "approve", await stops.id)).status).toBe(0)
    expect((await stops.done).stdout).toContain("|Ada")

    const second = await start("live")
    const dies = await hold(live, virginia, query("twin dies"))
    await dies.id
    await second.gateway.stop("SIGKILL")
    await sleep(6500)
    expect((await live.approvals(dpo, "approve", await dies.id)).status).toBe(0)
    expect((await dies.done).stdout).toContain("|Ada")
    expect(timesRun(live, "'twin ")).toBe(3)
  }, 60_000)

  it("twins that begin at once both get ready", async () => {
    await live.down()
    await Promise.all([live.up(), start("live")])
    const psql = await hold(live, virginia, query("both"))
    expect((await live.approvals(dpo, "approve", await psql.id)).status).toBe(0)
    expect((await psql.done).stdout).toContain("|Ada")
  })
})

describe("gateways whose clocks are apart", () => {
  it("one that is ahead lets nothing run, and both say so in their logs", async () => {
    const ahead = await start("ahead", 300)
    const psql = await hold(live, virginia, query("ahead"))
    const said = await ahead.approve(await psql.id)
    expect(said.message).toContain("expired already")
    expect((await psql.done).stderr).toContain("(approval_timeout)")
    expect(timesRun(live, "'ahead'")).toBe(0)
    const told = "The clock of another gateway of this state is 300 seconds from this one's"
    await until(() => live.log.some((line) => line.includes(told)))
    await until(() => ahead.gateway.log.some((line) => line.includes(told)))
  })

  it("one that is behind takes a yes in time, and none that is too late by the clock of who asked", async () => {
    const behind = await start("behind", -300)
    const psql = await hold(live, virginia, query("behind"))
    expect((await behind.approve(await psql.id)).status).toBe("approved")
    expect((await psql.done).stdout).toContain("|Ada")
    const late = await hold(live, virginia, query("too late"))
    const id = await late.id
    expect((await late.done).stderr).toContain("(approval_timeout)")
    expect((await behind.approve(id)).message).toContain("expired already")
    expect(timesRun(live, "'too late'")).toBe(0)
    expect(timesRun(live, "'behind'")).toBe(1)
  }, 60_000)
})

describe("a decision at the last moment", () => {
  it("I21: counts or does not, the same for client, approver, state and upstream", async () => {
    const rounds = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const mark = `last moment ${String(i).padStart(2, "0")}`
        const psql = await hold(live, virginia, query(mark))
        const id = await psql.id
        const { until: end } = JSON.parse((await live.approvals(dpo, "show", id, "--json")).stdout)
        await sleep(Date.parse(end) - Date.now() - 60 + i * 10)
        const said = await live.approvals(dpo, "approve", id)
        const { stderr, stdout } = await psql.done
        return { mark, id, said, stderr, stdout }
      })
    )
    for (const { id, mark, said, stderr, stdout } of rounds) {
      const ran = stdout.includes("|Ada")
      expect(timesRun(live, `'${mark}'`), mark).toBe(ran ? 1 : 0)
      expect(await statusOf(id), mark).toBe(ran ? "used" : "expired")
      if (ran) expect(said.status).toBe(0)
      else expect(stderr).toContain("(approval_timeout)")
    }
  }, 60_000)
})

describe("a gateway that drains", () => {
  it("lets what was held before run, if the yes comes, and stops then", async () => {
    const psql = await hold(live, virginia, query("drained"))
    const id = await psql.id
    const down = live.down()
    await sleep(500)
    expect((await live.approvals(dpo, "approve", id)).status).toBe(0)
    expect((await psql.done).stdout).toContain("|Ada")
    expect(await down).toBe(0)
    expect(timesRun(live, "'drained'")).toBe(1)
    await live.up()
  })
})
