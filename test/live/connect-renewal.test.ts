import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import pg from "pg"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { Live, MAIN } from "../fixtures/live.ts"
import { Browser, type PeopleIssuer, startPeopleIssuer } from "../fixtures/people-issuer.ts"

/** Tokens that live shorter than a minute are renewed whenever one is asked for. */
const SHORT_SECONDS = 4

describe("sluice connect, while tokens come and go", () => {
  let people: PeopleIssuer
  let live: Live
  let environment: NodeJS.ProcessEnv
  let connecting: ChildProcess
  let reported = ""
  let port: number

  beforeAll(async () => {
    people = await startPeopleIssuer()
    live = await Live.start({
      schema: ["create table customers (id int, name text)", "insert into customers values (1, 'Ada')"],
      tokens: `{ issuer: "${people.issuer}", audience: sluice }`,
      tls: "off",
      residency: `
  otherwise: allow
  zones: { eu: { includes: [de] } }
  data_sets: { customers: { home: [eu], on: { orders: { tables: { public.customers: {} } } } } }
  parties: { people: { match: { group: support }, at: de, clearance: [eu] } }`
    })
    environment = { ...process.env, XDG_STATE_HOME: mkdtempSync(join(tmpdir(), "sluice-renewal-")), DISPLAY: "" }
    await logIn()
    connecting = run("connect", "orders", "--gateway", `127.0.0.1:${live.port}`, "--cleartext", ...who())
    connecting.stderr!.on("data", (text: Buffer) => reported += String(text))
    const line = await new Promise<string>((resolve) =>
      createInterface({ input: connecting.stdout! }).once("line", resolve)
    )
    port = Number(line.split(":").at(-1))
  }, 120_000)
  afterAll(async () => {
    connecting?.kill("SIGKILL")
    await live?.stop()
    await people?.stop()
  })
  beforeEach(() => {
    reported = ""
    people.asked.length = 0
  })

  const who = (): ReadonlyArray<string> => ["--issuer", people.issuer, "--client-id", people.clientId]
  const run = (...words: ReadonlyArray<string>): ChildProcess =>
    spawn(process.execPath, [MAIN, ...words], {
      env: environment,
      cwd: tmpdir(),
      stdio: ["ignore", "pipe", "pipe"]
    })
  const logIn = async (): Promise<void> => {
    const login = run("login", "--browser", "--scope", "openid offline_access", ...who())
    createInterface({ input: login.stderr! }).on("line", (line) => {
      const address = /^Open (\S+)/.exec(line)?.[1]
      if (address !== undefined) void new Browser().open(address)
    })
    expect(await new Promise((resolve) => login.once("exit", resolve))).toBe(0)
  }
  const connect = async (): Promise<{ readonly client: pg.Client; readonly ended: Promise<string> }> => {
    const client = new pg.Client({ host: "127.0.0.1", port, user: "app", database: "postgres" })
    const ended = new Promise<string>((resolve) => client.on("error", ({ message }) => resolve(message)))
    await client.connect()
    return { client, ended }
  }
  const read = async (): Promise<unknown> => {
    const { client } = await connect()
    const { rows } = await client.query("select name from customers")
    await client.end()
    return rows
  }
  const renewals = (): number => people.asked.filter((path) => path === "/token").length
  const kept = (): { readonly token: string; readonly refreshToken: string } => {
    const folder = join(environment["XDG_STATE_HOME"]!, "sluice")
    const name = readdirSync(folder).find((file) => file.endsWith(".json"))!
    return JSON.parse(readFileSync(join(folder, name), "utf8"))
  }

  it("renews for the next connection what is about to expire, and keeps what is new", async () => {
    expect(await read()).toEqual([{ name: "Ada" }])
    expect(renewals()).toBe(0)
    people.accessSeconds = SHORT_SECONDS
    await logIn()
    people.asked.length = 0
    const before = kept()
    expect(await read()).toEqual([{ name: "Ada" }])
    expect(renewals()).toBe(1)
    expect(kept().token).not.toBe(before.token)
    expect(kept().refreshToken).not.toBe(before.refreshToken)
    people.accessSeconds = 600
    expect(await read()).toEqual([{ name: "Ada" }])
    expect(renewals()).toBe(2)
    expect(await read()).toEqual([{ name: "Ada" }])
    expect(renewals()).toBe(2)
  })

  it("goes on when a session ends with its token: the next is let in with a new one", async () => {
    people.accessSeconds = SHORT_SECONDS
    await logIn()
    const { client, ended } = await connect()
    expect((await client.query("select name from customers")).rows).toEqual([{ name: "Ada" }])
    expect(await ended).toMatch(/expired|terminated/)
    expect(await read()).toEqual([{ name: "Ada" }])
    expect(connecting.exitCode).toBeNull()
  })

  it("renews once for many connections that come at once", async () => {
    people.accessSeconds = SHORT_SECONDS
    await logIn()
    people.accessSeconds = 600
    people.asked.length = 0
    expect(await Promise.all([1, 2, 3, 4, 5].map(read))).toEqual(Array.from({ length: 5 }, () => [{ name: "Ada" }]))
    expect(renewals()).toBe(1)
  })

  it("says so when the login is taken back, and goes on once there is another", async () => {
    people.accessSeconds = SHORT_SECONDS
    await logIn()
    await people.forget()
    await new Promise((resolve) => setTimeout(resolve, SHORT_SECONDS * 1000 + 100))
    await expect(read()).rejects.toThrow(/could not be renewed.*sluice login/)
    expect(reported).toContain("Log in again: sluice login")
    expect(reported).not.toContain(kept().token)
    expect(reported).not.toContain(kept().refreshToken)
    expect(connecting.exitCode).toBeNull()
    people.accessSeconds = 600
    await logIn()
    expect(await read()).toEqual([{ name: "Ada" }])
  })

  it("says so when the issuer cannot be reached, and brings what it has as long as that counts", async () => {
    people.accessSeconds = 30
    await logIn()
    await people.stop()
    expect(await read()).toEqual([{ name: "Ada" }])
  })
})
