import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { freePort } from "../../config/demo/free-port.ts"
import { type Caller, Live } from "../fixtures/live.ts"
import { chromiumPath } from "../setup/programs.ts"
import { hold, optionsOf, timesRun, until, virginia } from "./approvals-bench.ts"

let live: Live
let browser: Browser
let base: string
let introspection: Server
/** Subjects whose tokens the issuer calls inactive, and whether it answers at all. */
const inactive = new Set<string>()
let issuerAnswers = true

beforeAll(async () => {
  const port = await freePort()
  base = `http://127.0.0.1:${port}`
  introspection = createServer((request, response) => {
    let body = ""
    request.on("data", (chunk) => body += chunk).on("end", () => {
      const token = new URLSearchParams(body).get("token")!
      const { sub } = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString())
      response.writeHead(issuerAnswers ? 200 : 500, { "content-type": "application/json" })
      response.end(JSON.stringify({ active: !inactive.has(sub) }))
    })
  })
  await new Promise<void>((resolve) => introspection.listen(0, "127.0.0.1", resolve))
  const endpoint = `http://127.0.0.1:${(introspection.address() as AddressInfo).port}/introspect`
  live = await Live.start(optionsOf("approvers: [dpo], within_seconds: 60, quorum: 2", {
    services: `  state: { use: sqlite, with: { path: ./sluice.db } }
  revocations: { use: revocations, with: { introspection: { endpoint: "${endpoint}", credential: ASK } } }
  approvals: { use: approvals, with: { listen: "127.0.0.1:${port}" } }`,
    secrets: { ASK: "gateway:secret" }
  }))
  browser = await chromium.launch({ executablePath: chromiumPath()!, args: ["--no-sandbox"] })
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await live?.stop()
  introspection?.close()
})

/** Their tokens were issued a while ago: a revocation is told from a fresh login by the second. */
const officer = (sub: string): Caller => ({
  sub,
  groups: ["dpo"],
  jti: `jti-${sub}`,
  iat: Math.floor(Date.now() / 1000) - 10
})

const takeBack = async (...words: ReadonlyArray<string>): Promise<void> => {
  expect((await live.command("sessions", "end", ...words, "--reason", "stolen", "--config", live.file)).status).toBe(0)
}

const api = async (caller: Caller, path: string, body?: unknown) => {
  const headers = { authorization: `Bearer ${await live.token(caller)}`, "content-type": "application/json" }
  const sent = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) }
  const answer = await fetch(base + path, sent)
  return { status: answer.status, body: await answer.json() as any }
}

const logIn = async (caller: Caller): Promise<Page> => {
  const page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(10_000)
  await page.goto(base)
  await page.fill("#token", await live.token(caller))
  await page.click("button:has-text('Log in')")
  await page.waitForSelector("h1:has-text('Waiting for a yes')")
  return page
}

describe("I10: an approver whose token was taken back", () => {
  it("decides nothing from the command line, and others do", async () => {
    const psql = await hold(live, virginia, "select 'cli', name from customers")
    const id = await psql.id
    await takeBack("--subject", "dora-cli")
    for (const words of [["approve", id], ["deny", id], ["show", id], ["list"], ["revoke", id]]) {
      const said = await live.approvals(officer("dora-cli"), ...words)
      expect(said.status, words[0]).toBe(1)
      expect(said.stderr).toContain("taken back. Reason given: stolen")
      expect(said.stdout).toBe("")
    }
    for (const name of ["emil", "fred"]) expect((await live.approvals(officer(name), "approve", id)).status).toBe(0)
    expect((await psql.done).stdout).toContain("Ada")
  })

  it("decides nothing by the API, whether the subject was taken back or the token", async () => {
    const psql = await hold(live, virginia, "select 'api', name from customers")
    const id = await psql.id
    const { binding } = (await api(officer("emil"), `/v1/requests/${id}`)).body
    await takeBack("--subject", "dora-api")
    await takeBack("--token", "jti-gina")
    for (const name of ["dora-api", "gina"]) {
      const said = await api(officer(name), `/v1/requests/${id}/approve`, { binding })
      expect(said.status, name).toBe(401)
      expect(said.body.message).toContain("taken back")
    }
    expect((await api(officer("emil"), `/v1/requests/${id}`)).body.votes).toHaveLength(0)
    psql.kill()
  })

  it("is out of the page at once, also in a visit that began before", async () => {
    const psql = await hold(live, virginia, "select 'page', name from customers")
    const id = await psql.id
    const page = await logIn(officer("dora-page"))
    await page.goto(`${base}/requests/${id}`)
    await page.waitForSelector("button.yes")
    const before = await page.context().cookies()
    await takeBack("--subject", "dora-page")
    await page.click("button.yes")
    await page.waitForSelector("h1:has-text('Who decides?')")
    expect(await page.textContent("main")).toContain("taken back")
    expect(await page.context().cookies()).toEqual([])
    await page.context().addCookies(before)
    await page.goto(`${base}/requests/${id}`)
    expect(await page.textContent("h1")).toBe("Who decides?")
    expect(await page.content()).not.toContain("'page'")
    await page.fill("#token", await live.token(officer("dora-page"), 500))
    expect((await api(officer("emil"), `/v1/requests/${id}`)).body.votes).toHaveLength(0)
    psql.kill()
    await page.context().close()
  })

  it("decides nothing once the issuer says so, and nobody does while it does not answer", async () => {
    const psql = await hold(live, virginia, "select 'issuer', name from customers")
    const id = await psql.id
    inactive.add("dora-issuer")
    expect((await live.approvals(officer("dora-issuer"), "approve", id)).stderr).toContain("not active any more")
    const page = await logIn(officer("henry"))
    issuerAnswers = false
    expect((await live.approvals(officer("emil"), "approve", id)).stderr).toContain("cannot be known now")
    expect((await api(officer("emil"), `/v1/requests/${id}`)).status).toBe(503)
    await page.goto(`${base}/requests/${id}`)
    expect(await page.textContent("main")).toContain("cannot be known now")
    issuerAnswers = true
    // The visit goes on: nobody was taken back.
    await page.goto(`${base}/requests/${id}`)
    await page.waitForSelector("button.yes")
    await page.context().close()
    psql.kill()
  })

  it("has no say in what runs after that, though the vote came before", async () => {
    const psql = await hold(live, virginia, "select 'vote', name from customers")
    const id = await psql.id
    expect((await live.approvals(officer("dora-vote"), "approve", id)).stdout).toContain("1 of 2")
    await takeBack("--subject", "dora-vote")
    expect((await live.approvals(officer("emil"), "approve", id)).status).toBe(0)
    expect((await psql.done).stderr).toContain("whoever approved it was revoked since. (approval_void)")
    expect(timesRun(live, "'vote'")).toBe(0)
  })

  it("leaves no grant behind", async () => {
    const psql = await hold(live, virginia, "select 'granted', name from customers")
    const id = await psql.id
    for (const name of ["dora-grant", "emil"]) {
      expect((await live.approvals(officer(name), "grant", id, "--seconds", "60", "--uses", "9")).status).toBe(0)
    }
    expect((await psql.done).stdout).toContain("Ada")
    expect((await live.psql(virginia, "select 'covered', name from customers", "-At")).stdout).toContain("Ada")
    await takeBack("--token", "jti-dora-grant")
    const held = await hold(live, virginia, "select 'uncovered', name from customers")
    await held.id
    held.kill()
    await until(() => timesRun(live, "'covered'") === 1)
    expect(timesRun(live, "'uncovered'")).toBe(0)
  })
})
