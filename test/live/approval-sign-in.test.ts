import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { freePort } from "../../config/demo/free-port.ts"
import { Live } from "../fixtures/live.ts"
import { PAGE_CLIENT, type PeopleIssuer, startPeopleIssuer } from "../fixtures/people-issuer.ts"
import { chromiumPath } from "../setup/programs.ts"
import { hold, optionsOf, residency, virginia } from "./approvals-bench.ts"

let people: PeopleIssuer
let live: Live
let browser: Browser
let base: string

const people_ = `
    ann: { match: { group: support }, at: de, clearance: [eu] }`

beforeAll(async () => {
  const port = await freePort()
  base = `http://127.0.0.1:${port}`
  const redirect = `${base}/login/callback`
  people = await startPeopleIssuer("sluice", { redirect, secret: "page-secret" })
  const options = optionsOf("approvers: [support], within_seconds: 60")
  live = await Live.start({
    ...options,
    residency: residency.replaceAll("match: {", "match: { issuer: \"https://issuer.test\",")
      + people_.replace("match: {", `match: { issuer: "${people.issuer}",`),
    tokens: `{ issuers: [
      { issuer: "https://issuer.test", audience: sluice, jwks_file: ./jwks.json },
      { issuer: "${people.issuer}", audience: sluice } ] }`,
    services: `  state: { use: sqlite, with: { path: ./sluice.db } }
  approvals:
    use: approvals
    with:
      listen: "127.0.0.1:${port}"
      login: { issuer: "${people.issuer}", client_id: ${PAGE_CLIENT}, client_secret: PAGE, address: "${base}" }`,
    secrets: { PAGE: "page-secret" }
  })
  browser = await chromium.launch({ executablePath: chromiumPath()!, args: ["--no-sandbox"] })
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await live?.stop()
  await people?.stop()
})

const openAt = async (path: string): Promise<{ readonly page: Page; readonly context: BrowserContext }> => {
  const context = await browser.newContext()
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  await page.goto(base + path)
  return { page, context }
}

/** Logs in, in this browser, and answers the address that the issuer leads back to, without going there. */
const intercept = async (context: BrowserContext): Promise<string> => {
  for (let url = `${base}/login/start`;;) {
    const answer = await context.request.get(url, { maxRedirects: 0 })
    url = new URL(answer.headers()["location"]!, url).href
    if (url.startsWith(`${base}/login/callback`)) return url
  }
}

describe("I16: an approver who logs in at their issuer", () => {
  it("gets to the request that they came for, and decides", async () => {
    const psql = await hold(live, virginia, "select 'signed in', name from customers")
    const id = await psql.id
    const { context, page } = await openAt(`/requests/${id}`)
    await page.click("a.button")
    await page.waitForSelector("button.yes")
    expect(page.url()).toBe(`${base}/requests/${id}`)
    expect(await page.textContent("header")).toContain("ann")
    const cookies = await context.cookies(base)
    const flags = cookies.map(({ httpOnly, name, sameSite }) => ({ name, httpOnly, sameSite }))
    expect(flags).toContainEqual({ name: "sluice-approvals", httpOnly: true, sameSite: "Strict" })
    expect(flags).toContainEqual({ name: "sluice-login", httpOnly: true, sameSite: "Lax" })
    await page.click("button.yes")
    await page.waitForSelector(".status.used, .status.approved")
    expect((await psql.done).stdout).toContain("|Ada")
    await page.click("button:has-text('Log out')")
    await page.waitForSelector("h1:has-text('Who decides?')")
    await context.close()
  })

  it("is led nowhere but to the page's own addresses", async () => {
    for (const to of ["https://evil.test/", "//evil.test", "/\\evil.test", "/login", "javascript:alert(1)"]) {
      const { context, page } = await openAt("/")
      await page.goto(`${base}/login/start?to=${encodeURIComponent(to)}`)
      await page.waitForSelector("h1:has-text('Waiting for a yes')")
      expect(page.url()).toBe(`${base}/`)
      await context.close()
    }
  })

  it("is not somebody else, whoever sends them to the end of a login that was begun elsewhere", async () => {
    const attacker = await openAt("/")
    const address = await intercept(attacker.context)
    const victim = await openAt("/")
    const answer = await victim.page.goto(address)
    expect(answer!.status()).toBe(401)
    expect(await victim.page.textContent("main")).toContain("was not begun in this browser")
    // A login of their own that is under way does not help: the state is another's.
    await intercept(victim.context)
    expect((await victim.page.goto(address))!.status()).toBe(401)
    expect((await victim.context.cookies()).some(({ name }) => name === "sluice-approvals")).toBe(false)
    await attacker.context.close()
    await victim.context.close()
  })

  it("comes in once by each login", async () => {
    const { context, page } = await openAt("/")
    const address = await intercept(context)
    expect((await page.goto(address))!.status()).toBe(200)
    await page.waitForSelector("h1:has-text('Waiting for a yes')")
    expect((await page.goto(address))!.status()).toBe(401)
    await context.close()
  })

  it("may still bring a token, and is told when the login was declined", async () => {
    const { context, page } = await openAt("/")
    const address = new URL(await intercept(context))
    address.searchParams.delete("code")
    address.searchParams.set("error", "access_denied")
    address.searchParams.set("error_description", "<h1>Pwned</h1>")
    expect((await page.goto(address.href))!.status()).toBe(401)
    expect(await page.textContent("main")).toContain("it was declined")
    expect(await page.content()).not.toContain("Pwned")
    await page.fill("#token", await live.token({ sub: "sue", groups: ["support"] }))
    await page.click("button:has-text('Log in')")
    await page.waitForSelector("h1:has-text('Waiting for a yes')")
    await context.close()
  })

  it("I10: does not come in once they were revoked, by a login from before", async () => {
    const { context, page } = await openAt("/")
    await page.click("a.button")
    await page.waitForSelector("h1:has-text('Waiting for a yes')")
    const ended = await live.command("sessions", "end", "--subject", "ann", "--config", live.file)
    expect(ended.status).toBe(0)
    await page.goto(base)
    expect(await page.textContent("main")).toContain("taken back")
    await context.close()
  })
})
