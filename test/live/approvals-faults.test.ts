import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { FaultyNetwork, type Strike } from "../fixtures/faulty-network.ts"
import { Live } from "../fixtures/live.ts"
import { type RealPostgres, startPostgres } from "../fixtures/real-postgres.ts"
import { dpo, hold, optionsOf, timesRun, until, virginia } from "./approvals-bench.ts"

let live: Live
let state: RealPostgres
let network: FaultyNetwork
/** The operator's file with a way to the state that no fault is on: for whoever looks at what became of it. */
let direct: string

const services = (port: number): string =>
  `  state: { use: postgres, with: { address: "127.0.0.1:${port}", database: postgres, credential: DB, tls: off } }`

beforeAll(async () => {
  state = await startPostgres()
  network = await FaultyNetwork.start(state.port)
  const more = "open_max_per_identity: 100, per_minute_max: 1000"
  live = await Live.start(
    optionsOf(`approvers: [dpo], within_seconds: 60, ${more}`, { services: services(network.port) })
  )
  direct = join(live.folder, "direct.config.yaml")
  writeFileSync(direct, readFileSync(live.file, "utf8").replace(`:${network.port}`, `:${state.port}`))
}, 90_000)
afterEach(async () => {
  network.set("fair")
  network.cut()
  await state.start()
})
afterAll(async () => {
  await live?.stop()
  await network?.stop()
  await state?.stop()
})

/** What an approver says, over the network that may fail or past it. */
const say = async (verb: string, id: string, way: "faulty" | "direct" = "direct") => {
  const token = join(live.folder, "dpo.token")
  writeFileSync(token, await live.token(dpo))
  return live.command("approvals", verb, id, "--config", way === "direct" ? direct : live.file, "--token-file", token)
}

const statusOf = async (id: string): Promise<string> =>
  /\b(pending|approved|denied|expired|void|used)\b/.exec(
    (await say("show", id)).stdout
  )![1]!

const query = (mark: string): string => `select '${mark}', name from customers`

describe("while the state is down", () => {
  it("a killed server loses no hold: who decides is told so, and a yes counts once it is back", async () => {
    const psql = await hold(live, virginia, query("state killed"))
    const id = await psql.id
    await state.kill()
    const meanwhile = await say("approve", id)
    expect(meanwhile.status).toBe(1)
    expect(meanwhile.stderr).toContain("Nothing accepts connections there")
    await sleep(1000)
    await state.start()
    expect((await say("approve", id)).stdout).toContain("is approved")
    expect((await psql.done).stdout).toContain("|Ada")
    expect(timesRun(live, "'state killed'")).toBe(1)
    expect(await statusOf(id)).toBe("used")
  })

  it("what is asked then is refused in bounded time", async () => {
    const client = await live.connect(virginia)
    await state.kill()
    const began = performance.now()
    const refusal = await client.query(query("asked while down")).then(() => undefined, (error: Error) => error)
    expect(refusal).toMatchObject({ severity: "ERROR", code: "58030" })
    expect(performance.now() - began).toBeLessThan(15_000)
    await state.start()
    await client.end()
    expect(timesRun(live, "'asked while down'")).toBe(0)
  })

  it("a network that says nothing ends a hold's session in bounded time, and an approver's command", async () => {
    const psql = await hold(live, virginia, query("state hangs"))
    const id = await psql.id
    network.set("hanging")
    const began = performance.now()
    const meanwhile = await say("approve", id, "faulty")
    expect(meanwhile.status).toBe(1)
    expect(meanwhile.stderr).toContain("cannot be used (no answer)")
    expect((await say("approve", id)).stdout).toContain("is approved")
    const { status, stderr } = await psql.done
    // Sessions end when it cannot be known for ten seconds whether they were revoked.
    expect(status).not.toBe(0)
    expect(stderr).toContain("(identity_unavailable)")
    expect(performance.now() - began).toBeLessThan(45_000)
    network.set("fair")
    network.cut()
    await until(async () => await statusOf(id) === "void")
    expect(timesRun(live, "'state hangs'")).toBe(0)
  }, 90_000)
})

describe("when the state fails in the middle", () => {
  it.each<[what: string, text: string, strike: Strike]>([
    ["before it is used", "\"status\":\"used\"", "before"],
    ["as it is used", "\"status\":\"used\"", "after"],
    ["after it was used, before that is known", "\"status\":\"used\"", "committed"],
    ["while it is used, for good", "\"status\":\"used\"", "hang"],
    ["before it is filed", "\"status\":\"pending\"", "before"],
    ["after it was filed, before that is known", "\"status\":\"pending\"", "committed"]
  ])("%s: it runs once and is used, or does not run and the client is told", async (what, text, strike) => {
    const mark = `middle ${what}`
    const struck = network.struck
    network.when(text, strike)
    const psql = await hold(live, virginia, query(mark))
    const id = await psql.id.catch(() => undefined)
    if (id !== undefined) expect((await say("approve", id)).status).toBe(0)
    const { stderr, stdout } = await psql.done
    network.set("fair")
    network.cut()
    expect(network.struck).toBe(struck + 1)
    const runs = timesRun(live, `'${mark}'`)
    if (stdout.includes("|Ada")) {
      expect(runs).toBe(1)
      expect(await statusOf(id!)).toBe("used")
    } else {
      expect(runs).toBe(0)
      expect(stderr).toMatch(/\((approval_unavailable|approval_void|timeout|identity_unavailable)\)/)
      expect(stderr).not.toMatch(/ECONN|schema sluice/)
    }
    // A yes before the gateway knew that it had filed is not lost on a request that nobody waits for.
    await until(async () => JSON.parse((await say("list", "--json")).stdout).length === 0)
  }, 60_000)

  it.each<Strike>(["before", "after", "committed"])(
    "while somebody decides (%s): the yes counts, or they are told to look",
    async (strike) => {
      const psql = await hold(live, virginia, query(`decided ${strike}`))
      const id = await psql.id
      network.when("\"status\":\"approved\"", strike)
      const said = await say("approve", id, "faulty")
      if (said.status !== 0) {
        expect(said.stderr).toContain(`whether this counts is not known. Look at ${id} again.`)
        if (await statusOf(id) === "pending") expect((await say("approve", id)).status).toBe(0)
      }
      expect((await psql.done).stdout).toContain("|Ada")
      expect(timesRun(live, `'decided ${strike}'`)).toBe(1)
    }
  )
})
