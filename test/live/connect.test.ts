import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, statSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import pg from "pg"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { Live, type LiveOptions, MAIN, runProgram } from "../fixtures/live.ts"
import { Browser, type PeopleIssuer, startPeopleIssuer } from "../fixtures/people-issuer.ts"
import { psqlPath } from "../setup/programs.ts"

const tlsFile = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url))

describe("sluice connect", () => {
  let people: PeopleIssuer
  let live: Live
  let options: LiveOptions
  let environment: NodeJS.ProcessEnv
  const children: Array<ChildProcess> = []

  beforeAll(async () => {
    people = await startPeopleIssuer()
    options = {
      schema: ["create table customers (id int, name text)", "insert into customers values (1, 'Ada')"],
      tokens: `{ issuer: "${people.issuer}", audience: sluice }`,
      tls: `{ certificate: ${tlsFile("localhost.crt")}, key: ${tlsFile("localhost.key")} }`,
      residency: `
  otherwise: allow
  zones: { eu: { includes: [de] } }
  data_sets: { customers: { home: [eu], on: { orders: { tables: { public.customers: {} } } } } }
  parties: { people: { match: { group: support }, at: de, clearance: [eu] } }`
    }
    live = await Live.start(options)
    environment = { ...process.env, XDG_STATE_HOME: mkdtempSync(join(tmpdir(), "sluice-connect-")), DISPLAY: "" }
    const login = run("login", "--browser", ...who())
    createInterface({ input: login.stderr! }).on("line", (line) => {
      const address = /^Open (\S+)/.exec(line)?.[1]
      if (address !== undefined) void new Browser().open(address)
    })
    expect(await new Promise((resolve) => login.once("exit", resolve))).toBe(0)
  }, 120_000)
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL")
  })
  afterAll(async () => {
    await live?.stop()
    await people?.stop()
  })

  const who = (): ReadonlyArray<string> => ["--issuer", people.issuer, "--client-id", people.clientId]
  const run = (...words: ReadonlyArray<string>): ChildProcess => {
    const child = spawn(process.execPath, [MAIN, ...words], {
      env: environment,
      cwd: tmpdir(),
      stdio: ["ignore", "pipe", "pipe"]
    })
    children.push(child)
    return child
  }
  const there = (): ReadonlyArray<string> => ["--gateway", `localhost:${live.port}`, "--authority", tlsFile("ca.crt")]

  /** Opens the local side, and answers where. */
  const open = (...words: ReadonlyArray<string>): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = run("connect", "orders", ...words)
      let said = ""
      child.stderr!.on("data", (text: Buffer) => said += String(text))
      createInterface({ input: child.stdout! }).on("line", (line) => resolve(line.replace(/^listening on /, "")))
      child.once("exit", () => reject(new Error(said)))
    })
  const portOf = (at: string): number => Number(at.split(":").at(-1))

  const psql = (port: number, sql: string) =>
    runProgram(
      psqlPath()!,
      ["-X", "-w", "-At", "-h", "127.0.0.1", "-p", String(port), "-U", "app", "-d", "postgres", "-c", sql],
      "",
      { PGPASSWORD: "" }
    )
  const client = (port: number) => new pg.Client({ host: "127.0.0.1", port, user: "app", database: "postgres" })

  it("lets psql and node-postgres in without a password, several at once, for as much as they ask", async () => {
    const port = portOf(await open(...there(), ...who()))
    expect(await psql(port, "select name from customers")).toEqual({ status: 0, stdout: "Ada\n", stderr: "" })
    const clients = [1, 2, 3].map(() => client(port))
    await Promise.all(clients.map((one) => one.connect()))
    const answers = await Promise.all(
      clients.map((one) => one.query("select i, repeat('x', 100) from generate_series(1, 20000) as i"))
    )
    expect(answers.map(({ rowCount }) => rowCount)).toEqual([20_000, 20_000, 20_000])
    await Promise.all(clients.map((one) => one.end()))
  })

  it("cancels what psql cancels", async () => {
    const port = portOf(await open(...there(), ...who()))
    const child = spawn(
      psqlPath()!,
      ["-X", "-w", "-h", "127.0.0.1", "-p", String(port), "-U", "app", "-d", "postgres", "-c", "select pg_sleep(50)"],
      { stdio: ["ignore", "ignore", "pipe"] }
    )
    let said = ""
    child.stderr.on("data", (text: Buffer) => said += String(text))
    await expect.poll(() => live.upstreamLog(), { timeout: 20_000 }).toContain("pg_sleep")
    child.kill("SIGINT")
    expect(await new Promise((resolve) => child.once("exit", resolve))).not.toBe(0)
    expect(said).toContain("canceling statement due to user request")
  })

  it("opens a socket file that only this user can open", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-socket-"))
    const path = join(folder, ".s.PGSQL.5432")
    expect(await open("--socket", path, ...there(), ...who())).toBe(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const ran = await runProgram(
      psqlPath()!,
      ["-X", "-w", "-At", "-h", folder, "-U", "app", "-d", "postgres", "-c", "select name from customers"],
      "",
      {}
    )
    expect(ran).toMatchObject({ status: 0, stdout: "Ada\n" })
  })

  // Another user can be had by root alone.
  it.runIf(process.platform === "linux" && process.getuid?.() === 0)("turns away other users", async () => {
    const port = portOf(await open(...there(), ...who()))
    const words = ["-X", "-w", "-h", "127.0.0.1", "-p", String(port), "-U", "app", "-d", "postgres", "-c", "select 1"]
    const other = spawn(psqlPath()!, words, { uid: 65534, gid: 65534, cwd: "/", stdio: "ignore" })
    expect(await new Promise((resolve) => other.once("exit", resolve))).toBe(2)
    expect((await psql(port, "select 1")).status).toBe(0)
  })

  it("sends no token to whom it does not trust, and says so in PostgreSQL's words", async () => {
    const port = portOf(await open("--gateway", `localhost:${live.port}`, ...who()))
    const { status, stderr } = await psql(port, "select 1")
    expect(status).toBe(2)
    expect(stderr).toMatch(/FATAL: {2}The gateway cannot be reached: (UNABLE|SELF|DEPTH)/)
  })

  it.each([
    [["--listen", "0.0.0.0:0"], "on the loopback"],
    [["--gateway", "gateway.example:6432", "--cleartext"], "in clear on the loopback only"],
    [["--gateway", "nowhere"], "`host:port`"],
    [[], "where is the gateway?"],
    [["--listen", "127.0.0.1:0", "--socket", "x"], "do not go together"]
  ])("%j is misuse", async (words, why) => {
    await expect(open(...words, ...who())).rejects.toThrow(why)
  })

  it("needs a login", async () => {
    await expect(open(...there(), "--issuer", people.issuer, "--client-id", "another")).rejects.toThrow("sluice login")
  })

  it("brings the token by OAUTHBEARER where the gateway asks for that", async () => {
    live.configure({
      ...options,
      protocol:
        `{ use: postgres, with: { login: oauthbearer, oauth: { openid_configuration: "${people.issuer}/.well-known/openid-configuration", scope: openid } } }`
    })
    const port = portOf(await open(...there(), ...who()))
    // The listener asks for SASL once the file is in force.
    await expect.poll(() => live.log.some((line) => /reload|in force/i.test(line)), { timeout: 20_000 }).toBe(true)
    expect(await psql(port, "select name from customers")).toMatchObject({ status: 0, stdout: "Ada\n" })
  })

  it("ends when it is told to", async () => {
    const at = await open(...there(), ...who())
    const child = children.at(-1)!
    const held = client(portOf(at))
    held.on("error", () => {})
    await held.connect()
    child.kill("SIGTERM")
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0)
    const socket = connect(portOf(at), "127.0.0.1")
    expect(await new Promise((resolve) => socket.once("error", () => resolve("refused")))).toBe("refused")
  })
})
