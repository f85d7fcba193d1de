import { spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { createConnection } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Live } from "../fixtures/live.ts"
import { clerk, shop } from "../fixtures/shop.ts"
import { launcher } from "./run-sluice.ts"

let live: Live
beforeAll(async () => {
  live = await Live.start(shop)
})
afterAll(() => live.stop())

const write = (change: (text: string) => string): void =>
  writeFileSync(live.file, change(readFileSync(live.file, "utf8")))

/** Waits for a line of the log that was not there before. */
const logs = async (pattern: RegExp, from: number): Promise<string> => {
  for (let tries = 0; tries < 400; tries++) {
    const line = live.log.slice(from).find((each) => pattern.test(each))
    if (line !== undefined) return line
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`No line like ${pattern}:\n${live.log.slice(from).join("\n")}`)
}

const accepts = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(live.port, "127.0.0.1")
    socket.once("connect", () => {
      socket.destroy()
      resolve(true)
    })
    socket.once("error", () => resolve(false))
  })

describe("a gateway that is up", () => {
  it("serves", async () => {
    await live.as(clerk, async (client) => {
      expect((await client.query("select count(*)::int as n from prices")).rows).toEqual([{ n: 50 }])
    })
  })

  it("keeps its plan when the changed file is bad, and says why", async () => {
    const before = readFileSync(live.file, "utf8")
    const from = live.log.length
    write((text) => text.replace("{ use: masking }", "{ use: maskng }"))
    expect(await logs(/there is no plugin `maskng`/, from)).toMatch(/sluice\.config\.yaml:\d+:\d+/)
    await logs(/the one before stays in force/, from)
    await live.as(clerk, async (client) => {
      expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }])
    })
    writeFileSync(live.file, before)
  })

  it("takes a changed policy for sessions that are open", async () => {
    await live.as(clerk, async (client) => {
      await client.query("select count(*) from prices")
      const from = live.log.length
      write((text) =>
        text.replace("clerk: { match: { subject: clerk }, at: de", "clerk: { match: { subject: clerk }, at: unknown")
      )
      await logs(/plan in force/, from)
      await expect(client.query("select count(*) from prices")).rejects.toMatchObject({ code: "42501" })
      const again = live.log.length
      write((text) =>
        text.replace("clerk: { match: { subject: clerk }, at: unknown", "clerk: { match: { subject: clerk }, at: de")
      )
      await logs(/plan in force/, again)
      expect((await client.query("select count(*)::int as n from prices")).rows).toEqual([{ n: 50 }])
    })
  })

  it("reads the file again on SIGHUP", async () => {
    const from = live.log.length
    live.process!.kill("SIGHUP")
    await logs(/nothing in it has changed|plan in force/, from)
  })

  it("lists and shows the sessions that were recorded, and its ledger verifies", async () => {
    const list = await live.sluice("sessions", "list", "--config", live.file, "--json")
    expect(list.status).toBe(0)
    const sessions = JSON.parse(list.stdout)
    expect(sessions.length).toBeGreaterThanOrEqual(3)
    const { id } = sessions[0]
    const shown = await live.sluice("sessions", "show", id, "--config", live.file)
    expect(shown.stdout).toContain("login  clerk to orders")
    expect(shown.stdout).toContain("select count(*)::int as n from prices")
    expect(shown.stdout).toContain("rows    50")
    const records = await live.sluice("sessions", "show", id, "--config", live.file, "--json")
    expect(records.stdout.trim().split("\n").map((line) => JSON.parse(line).type)).toContain("operation")
    const replayed = await live.sluice("sessions", "replay", id, "--config", live.file, "--speed", "0")
    expect(replayed.stdout).toBe(shown.stdout)
    expect((await live.sluice("sessions", "show", "nobody", "--config", live.file)).status).toBe(1)
    const refused = await live.sluice("sessions", "list", "--config", live.file, "--json", "--decision", "deny")
    expect(JSON.parse(refused.stdout).length).toBe(1)
    expect((await live.sluice("audit", "verify", "--config", live.file)).stdout).toMatch(/^verified/)
    const key = readFileSync(`${live.ledger}.pub`, "utf8").trim()
    expect((await live.sluice("audit", "verify", live.ledger, "--key", key, "--json")).status).toBe(0)
    expect((await live.sluice("audit", "verify", join(live.folder, "none"))).status).toBe(2)
  })

  it("explains from the live catalogue", async () => {
    const explain = (ask: string) =>
      live.sluice(
        "explain",
        "--config",
        live.file,
        "--as",
        JSON.stringify({ subject: "clerk" }),
        "--ask",
        ask,
        "--json"
      )
    const known = await explain("select sku from prices")
    expect(JSON.parse(known.stdout)).toMatchObject({ decision: "allow", outcome: "allow", reads: ["trade"] })
    const unknown = await explain("select x from no_such_table")
    expect(unknown.status).toBe(1)
    expect(JSON.parse(unknown.stdout)).toMatchObject({ decision: "deny", code: "unresolved" })
  })

  it("writes a first file from the live database", async () => {
    const { password, port, user } = live.postgres
    const out = join(live.folder, "first.yaml")
    const url = `postgres://${user}:${password}@127.0.0.1:${port}/postgres`
    const made = await live.sluice("init", "--from", url, "--output", out)
    expect(made.stderr).toBe("")
    const text = readFileSync(out, "utf8")
    expect(text).not.toContain(password)
    expect(text).toContain(
      "public.customers: { name: name, email: email, ssn: us_ssn, phone: phone, city: address, born: date_of_birth }"
    )
    expect((await live.sluice("check", "--config", out)).status).toBe(0)
  })

  it("drains on SIGTERM: what runs may finish, nothing new comes in, and it says yes", async () => {
    const client = await live.connect(clerk)
    const running = client.query(
      "select count(*)::int as n from invoices a, invoices b, invoices c, prices d where d.cents <= 50"
    )
      .then(({ rows }) => rows[0].n as number, (error: Error) => error.message)
    await new Promise((resolve) => setTimeout(resolve, 150))
    const exit = live.down("SIGTERM")
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(await accepts()).toBe(false)
    const first = await Promise.race([exit.then(() => "the gateway"), running.then(() => "the query")])
    expect(first).toBe("the query")
    expect(await running).toBe(40_000_000)
    await client.end().catch(() => {})
    expect(await exit).toBe(0)
  })
})

describe("the lines that are promised", () => {
  it("are all that stands on standard output, and the launcher passes signals on", async () => {
    const child = spawn(process.execPath, [launcher, "up", "--config", live.file], {
      stdio: ["ignore", "pipe", "ignore"]
    })
    let out = ""
    const ready = new Promise<void>((resolve, reject) => {
      child.once("exit", () => reject(new Error(`It stopped: ${out}`)))
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        out += text
        if (out.includes("ready\n")) resolve()
      })
    })
    await ready
    const exit = new Promise<number | null>((resolve) => child.once("close", resolve))
    child.kill("SIGINT")
    expect(await exit).toBe(0)
    expect(out).toBe(`listening orders postgres 127.0.0.1:${live.port}\nready\n`)
  })
})

describe("a gateway that cannot open its plan", () => {
  it("says which part, and no", async () => {
    write((text) => text.replace("tls: off\n", "tls: { certificate: ./none.crt, key: ./none.key }\n"))
    const { status, stderr, stdout } = await live.sluice("up", "--config", live.file)
    expect(status).toBe(1)
    expect(stdout).toBe("")
    expect(stderr).toContain("none.crt")
  })
})
