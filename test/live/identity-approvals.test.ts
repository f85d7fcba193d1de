import { readFileSync } from "node:fs"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { fixture } from "../fixtures/line-gateway.ts"
import { Live } from "../fixtures/live.ts"
import { spiffeFixture } from "../fixtures/spiffe.ts"
import { dpo, optionsOf, residency, timesRun, until, virginia } from "./approvals-bench.ts"

const IDENTITY = "{ trust_domain: prod.test, on_expiry: finish_operation }"
const workloads = `
    workload: { match: { issuer: "spiffe://prod.test", subject: "spiffe://prod.test/agents/*" }, at: us-east, clearance: [eu, us] }`

let live: Live
beforeAll(async () => {
  const options = optionsOf("approvers: [dpo], within_seconds: 30")
  live = await Live.start({
    ...options,
    // With workloads there are two issuers, and every party names its own.
    residency: residency.replaceAll("match: {", "match: { issuer: \"https://issuer.test\",") + workloads,
    services: `${options.services}\n  callers: { use: callers, with: ${IDENTITY} }`,
    tls: `{ certificate: ${fixture("localhost.crt")}, key: ${fixture("localhost.key")}, client_authority: ${
      spiffeFixture("authority.crt")
    } }`,
    protocol: "{ use: postgres, with: { client_certificate: login } }",
    plugins: [
      `{ use: identity, with: ${IDENTITY} }`,
      ...options.plugins!.slice(1)
    ]
  })
}, 60_000)
afterAll(() => live?.stop())

const held = async (client: pg.Client, text: string, values?: ReadonlyArray<unknown>) => {
  const ids: Array<string> = []
  client.on("error", () => {})
  client.on("notice", ({ message = "" }) => ids.push(...(/ap-[a-z0-9]+/.exec(message) ?? [])))
  const done = client.query(text, values as Array<unknown>).then(({ rows }) => rows, (error: Error) => error.message)
  await until(() => ids.length > 0)
  return { id: ids[0]!, done }
}

const asWorkload = async (): Promise<pg.Client> => {
  const client = new pg.Client({
    host: "localhost",
    port: live.port,
    user: "app",
    database: "postgres",
    ssl: {
      ca: readFileSync(fixture("ca.crt")),
      cert: readFileSync(spiffeFixture("workload.crt")),
      key: readFileSync(spiffeFixture("workload.key"))
    }
  })
  await client.connect()
  return client
}

const end = (...words: ReadonlyArray<string>) =>
  live.sluice("sessions", "end", ...words, "--reason", "test", "--config", live.file)

describe("whoever waits for approval", () => {
  it("may be a workload, which runs once it is approved", async () => {
    const client = await asWorkload()
    const { done, id } = await held(client, "select 'workload', name from customers where id = 1")
    expect((await live.approvals(dpo, "show", id)).stdout).toContain("spiffe://prod.test/agents/")
    expect((await live.approvals(dpo, "approve", id)).status).toBe(0)
    expect(await done).toMatchObject([{ name: "Ada" }])
    await client.end()
  })

  it("I10: is gone soon after a revocation, in a transaction too, and a yes is for nothing", async () => {
    const client = await live.connect(virginia)
    await client.query("begin")
    const { done, id } = await held(client, "select 'revoked in a transaction', name from customers")
    expect((await end("--subject", "agent-virginia")).status).toBe(0)
    await live.approvals(dpo, "approve", id)
    expect(await done).toEqual(expect.any(String))
    expect(timesRun(live, "revoked in a transaction")).toBe(0)
  })

  it("I10: is gone as a workload, too", async () => {
    const client = await asWorkload()
    const { done, id } = await held(client, "select 'revoked workload', name from customers")
    const shown = await live.approvals(dpo, "show", id)
    const subject = /spiffe:\/\/prod\.test\/agents\/[^\s,]+/.exec(shown.stdout)![0]
    expect((await end("--subject", subject)).status).toBe(0)
    await live.approvals(dpo, "approve", id)
    expect(await done).toEqual(expect.any(String))
    expect(timesRun(live, "revoked workload")).toBe(0)
  })

  it("I23: does not run what has not begun when its token expires, also with `finish_operation`", async () => {
    const password = await live.token({ sub: "agent-virginia", jti: "late" }, 4)
    const client = new pg.Client({
      host: "localhost",
      port: live.port,
      user: "app",
      password,
      database: "postgres",
      ssl: { ca: readFileSync(fixture("ca.crt")) }
    })
    await client.connect()
    const { done, id } = await held(client, "select 'expired while held', name from customers")
    await new Promise((resolve) => setTimeout(resolve, 4500))
    await live.approvals(dpo, "approve", id)
    expect(await done).toEqual(expect.any(String))
    expect(timesRun(live, "expired while held")).toBe(0)
  })
})
