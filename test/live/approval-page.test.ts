import { createHmac } from "node:crypto"
import { mkdirSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { freePort } from "../../config/demo/free-port.ts"
import { Live } from "../fixtures/live.ts"
import { chromiumPath } from "../setup/programs.ts"
import { away, dpo, hold, optionsOf, timesRun, until, virginia } from "./approvals-bench.ts"

let live: Live
let browser: Browser
let base: string
let hooks: Hooks
beforeAll(async () => {
  const port = await freePort()
  hooks = await receiveHooks()
  base = `http://127.0.0.1:${port}`
  const services = `  state: { use: sqlite, with: { path: ./sluice.db } }
  approvals:
    use: approvals
    with:
      listen: "127.0.0.1:${port}"
      webhooks:
        - { format: generic, address: "http://127.0.0.1:${hooks.port}/home", secret: HOOK, at: de, page: "${base}" }
        - { format: slack, address_secret: SLACK, at: us-east, page: "${base}" }`
  const secrets = { HOOK: "shared-with-the-receiver", SLACK: `http://127.0.0.1:${hooks.port}/slack` }
  live = await Live.start(optionsOf("approvers: [dpo], within_seconds: 60", { services, secrets }))
  browser = await chromium.launch({ executablePath: chromiumPath()!, args: ["--no-sandbox"] })
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await live?.stop()
  hooks?.stop()
})

/** What was sent to a receiver that refuses each first message. */
interface Hooks {
  readonly port: number
  readonly got: Array<{
    readonly path: string
    readonly body: string
    readonly status: number
    readonly headers: Readonly<Record<string, unknown>>
  }>
  readonly stop: () => void
}

const receiveHooks = async (): Promise<Hooks> => {
  const got: Hooks["got"] = []
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Array<Buffer> = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const path = request.url!
    const again = path === "/slack" || got.some((one) => one.path === path && one.body === body)
    const status = again ? 200 : 503
    got.push({ path, body, status, headers: request.headers })
    response.writeHead(status).end()
  }
  const server = createServer((request, response) => void take(request, response))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { port: (server.address() as AddressInfo).port, got, stop: () => void server.close() }
}

/** Screenshots, to be looked at. */
const shots = join(tmpdir(), "sluice-approval-shots")
mkdirSync(shots, { recursive: true })

const logIn = async (caller: Parameters<Live["token"]>[0]): Promise<Page> => {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 } })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  await page.goto(base)
  await page.fill("#token", await live.token(caller))
  await page.click("button:has-text('Log in')")
  await page.waitForSelector("h1:has-text('Waiting for a yes')")
  return page
}

const api = async (path: string, token: string | undefined, body?: unknown, headers: Record<string, string> = {}) => {
  const answer = await fetch(base + path, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  return { status: answer.status, headers: answer.headers, body: await answer.json() as any }
}

describe("the approval page, in a browser", () => {
  it("I17: shows exactly what would run, and a yes there lets it run", async () => {
    const strange = "select name, '<script>alert(1)</script>' as \u202ex from customers -- drop\u200b"
    const psql = await hold(live, virginia, strange)
    const id = await psql.id
    const page = await logIn(dpo)
    await page.screenshot({ path: join(shots, "list.png") })
    await page.click(`a:has-text("${id}")`)
    const text = await page.textContent("#text")
    expect(text).toBe(
      "select name, '<script>alert(1)</script>' as \\u{202e}x from customers -- drop\\u{200b};"
    )
    expect(await page.locator("#text mark").allTextContents()).toEqual(["\\u{202e}", "\\u{200b}"])
    const seen = await page.textContent("main")
    for (const part of ["agent-virginia", "customers", "de", "us-east", "https://issuer.test"])
      expect(seen).toContain(part)
    await page.fill("#reason", "checked with legal")
    await page.screenshot({ path: join(shots, "request.png"), fullPage: true })
    await page.click("button.yes")
    await page.waitForSelector(".status.used, .status.approved")
    expect((await psql.done).stdout).toContain("Ada|")
    expect(timesRun(live, "alert(1)")).toBe(1)
    await page.close()
  })

  it("denies, and the client is told so", async () => {
    const psql = await hold(live, virginia, "select 'page denies', name from customers")
    const page = await logIn(dpo)
    await page.goto(`${base}/requests/${await psql.id}`)
    await page.click("button.no")
    await page.waitForSelector(".status.denied")
    expect((await psql.done).stderr).toContain("approval_denied")
    expect(timesRun(live, "'page denies'")).toBe(0)
  })

  it("hides what would run from whoever is at a place where the data may not be seen", async () => {
    const psql = await hold(live, virginia, "select 'page hides', name from customers")
    const page = await logIn(away)
    await page.goto(`${base}/requests/${await psql.id}`)
    expect(await page.textContent("main")).toContain("may not be seen at us-east")
    expect(await page.content()).not.toContain("page hides")
    expect(await page.locator("button.yes").count()).toBe(0)
    await page.screenshot({ path: join(shots, "hidden.png"), fullPage: true })
    psql.kill()
  })

  it("I25: takes no form from elsewhere, is in no frame, runs no script", async () => {
    const psql = await hold(live, virginia, "select 'forged', name from customers")
    const id = await psql.id
    const page = await logIn(dpo)
    const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ")
    expect((await page.context().cookies())[0]).toMatchObject({ httpOnly: true, sameSite: "Strict" })
    const post = (headers: Record<string, string>, word = "guessed") =>
      fetch(`${base}/requests/${id}`, {
        method: "POST",
        redirect: "manual",
        headers: { cookie: cookies, "content-type": "application/x-www-form-urlencoded", ...headers },
        body: new URLSearchParams({ decision: "approve", binding: "x", word }).toString()
      })
    expect((await post({ origin: "https://evil.test" })).status).toBe(403)
    expect((await post({ "sec-fetch-site": "cross-site" })).status).toBe(403)
    expect((await post({ origin: base })).status).toBe(403)
    const answer = await fetch(base)
    const policy = answer.headers.get("content-security-policy")!
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|script-src/)
    const elsewhere = await (await browser.newContext()).newPage()
    await elsewhere.setContent(`<form method="post" action="${base}/requests/${id}">
      <input name="decision" value="approve"><button>Win</button></form>`)
    await elsewhere.click("button")
    expect((await api(`/v1/requests/${id}`, await live.token(dpo))).body.status).toBe("pending")
    psql.kill()
  })

  it("lets nobody in without a token, and not for long with guesses", async () => {
    expect((await api("/v1/requests", undefined)).status).toBe(401)
    const statuses = new Set<number>()
    for (let i = 0; i < 30; i++) statuses.add((await api("/v1/requests", "guess.guess.guess")).status)
    expect([...statuses].toSorted((a, b) => a - b)).toEqual([401, 429])
    expect((await api("/v1/requests", await live.token(dpo))).status).toBe(200)
  })
})

describe("webhooks", () => {
  it("are signed, sent again, and say who asks for what only where that data may be", async () => {
    const psql = await hold(live, virginia, "select 'hooked', name from customers")
    const id = await psql.id
    const of = (path: string) => hooks.got.filter((one) => one.path === path && one.body.includes(id))
    await until(() => of("/home").length >= 2 && of("/slack").length >= 1)
    const [refused, taken] = of("/home")
    expect([refused!.status, taken!.status]).toEqual([503, 200])
    const time = taken!.headers["sluice-timestamp"] as string
    const hmac = createHmac("sha256", "shared-with-the-receiver").update(`${time}.${taken!.body}`).digest("hex")
    expect(taken!.headers["sluice-signature"]).toBe(`v1=${hmac}`)
    expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(60)
    expect(JSON.parse(taken!.body)).toMatchObject({
      id,
      about: { who: ["agent-virginia"], data_sets: ["customers"], from: "de" },
      link: `${base}/requests/${id}`
    })
    const slack = of("/slack")[0]!.body
    expect(JSON.parse(slack).blocks).toHaveLength(1)
    for (const secret of ["agent-virginia", "customers", "hooked"]) expect(slack).not.toContain(secret)
    expect(taken!.body).not.toContain("hooked")
    psql.kill()
  })
})

describe("the API", () => {
  it("does what its own description says", async () => {
    const described = (await api("/openapi.json", undefined)).body
    expect(described.openapi).toBe("3.1.0")
    const token = await live.token(dpo)
    const psql = await hold(live, virginia, "select 'api', name from customers")
    const id = await psql.id
    await until(async () => (await api("/v1/requests", token)).body.requests.some((one: any) => one.id === id))
    const { binding, shown } = (await api(`/v1/requests/${id}`, token)).body
    expect(shown.text).toContain("'api'")
    expect((await api(`/v1/requests/${id}/approve`, token, { binding: "another" })).status).toBe(409)
    expect((await api(`/v1/requests/${id}/approve`, token, { binding, surprise: 1 })).status).toBe(400)
    expect((await api(`/v1/requests/${id}/approve`, await live.token(virginia), { binding })).status).toBe(403)
    expect((await api(`/v1/requests/${id}/approve`, token, { binding }, { "content-type": "text/plain" })).status).toBe(
      415
    )
    expect((await api(`/v1/requests/${id}/approve`, token, { binding })).body.status).toBe("approved")
    expect((await psql.done).stdout).toContain("Ada")
    expect((await api(`/v1/requests/${id}/approve`, token, { binding })).status).toBe(409)
    for (const path of ["/v1/x", "/v1/requests/a/b/c", "/v1/grants/gr-x"]) {
      expect((await api(path, token)).status, path).toBe(404)
    }
  })
})
