import { spawn } from "node:child_process"
import { chmodSync, copyFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readSession } from "../../plugins/services/ledger/index.ts"
import { eventually, fixture } from "../fixtures/line-gateway.ts"
import { Live, type LiveOptions, runProgram } from "../fixtures/live.ts"
import { spiffeFixture } from "../fixtures/spiffe.ts"
import { psqlPath } from "../setup/programs.ts"

const RESIDENCY = `
  zones: { eu: { includes: [de] } }
  data_sets:
    customers: { home: [eu], on: { orders: { tables: { public.customers: {} } } } }
  parties:
    workload: { match: { issuer: "spiffe://prod.test", subject: "spiffe://prod.test/agents/*" }, at: de, clearance: [eu], evidence: workload }
    people: { match: { issuer: "https://issuer.test", subject: "*" }, at: de, clearance: [eu] }`

const SCHEMA = [
  "create role analyst login password 'one'",
  "create role dba login password 'two'",
  "create table customers (id int, name text)",
  "insert into customers values (1, 'Ada')",
  "grant select on customers to analyst, dba"
]

const options = (more: Partial<LiveOptions> = {}): LiveOptions => ({
  schema: SCHEMA,
  residency: RESIDENCY,
  services: "  state: { use: sqlite, with: { path: ./state.db } }",
  secrets: { ANALYST: "analyst:one", DBA: "dba:two" },
  credential: "{ by_group: { analysts: ANALYST, dbas: DBA }, catalogue: DB }",
  tls: `{ certificate: ${fixture("localhost.crt")}, key: ${fixture("localhost.key")}, client_authority: ${
    spiffeFixture("authority.crt")
  } }`,
  protocol: "{ use: postgres, with: { client_certificate: login } }",
  plugins: [
    "{ use: identity, with: { trust_domain: prod.test } }",
    "{ use: residency }",
    "{ use: masking }",
    "{ use: recording }"
  ],
  ...more
})

describe("who is calling", () => {
  let live: Live
  beforeAll(async () => {
    live = await Live.start(options())
  }, 60_000)
  afterAll(() => live?.stop())

  /** A copy that nobody else may read: libpq takes no other. */
  const own = (key: string): string => {
    const path = join(live.folder, "client.key")
    copyFileSync(key, path)
    chmodSync(path, 0o600)
    return path
  }

  const workload = (statement: string, name = "workload") =>
    runProgram(psqlPath()!, ["-X", "-w", "-At", "-c", statement], "", {
      PGHOST: "localhost",
      PGPORT: String(live.port),
      PGUSER: "app",
      PGDATABASE: "postgres",
      PGSSLMODE: "verify-full",
      PGSSLROOTCERT: fixture("ca.crt"),
      PGSSLCERT: spiffeFixture(`${name}.crt`),
      PGSSLKEY: own(spiffeFixture(`${name}.key`))
    })

  it("I12 is served with the credential of the caller's own group, and with none where there is none", async () => {
    const who = (sub: string, groups: ReadonlyArray<string>) =>
      live.as({ sub, groups }, async (client) => (await client.query("select current_user as who")).rows[0].who)
    expect(await who("ann", ["analysts"])).toBe("analyst")
    expect(await who("dan", ["readers", "dbas"])).toBe("dba")
    await expect(who("eve", ["readers"])).rejects.toThrow(/None of the caller's groups has a credential/)
  })

  it("stands in the upstream's own books, and cannot be made to say another", async () => {
    await live.as({ sub: "ann", groups: ["analysts"] }, async (client) => {
      const name = await live.direct(async (direct) =>
        (await direct.query("select application_name from pg_stat_activity where usename = 'analyst'"))
          .rows.map(({ application_name }) => application_name)
      )
      expect(name).toEqual([expect.stringMatching(/^sluice:[0-9a-f-]{36}:ann$/)])
      for (
        const forged of [
          "set application_name = 'root'",
          "select set_config('application_name', 'root', false)",
          "set local \"APPLICATION_NAME\" to root",
          "update pg_settings set setting = 'root' where name = 'application_name'"
        ]
      ) await expect(client.query(forged)).rejects.toThrow()
      await client.query("reset application_name")
      const [row] = (await client.query("show application_name")).rows
      expect(row.application_name).toBe(name[0])
    })
  })

  it("may be a workload with its certificate alone, whose place is known better", async () => {
    const none = await workload("select name from customers")
    expect(none.stderr).toContain("None of the caller's groups has a credential")
    live.configure(options({ credential: "{ by_group: { dbas: DBA }, otherwise: ANALYST, catalogue: DB }" }))
    await eventually("the file is in force", () => live.log.some((line) => line.includes("plan in force")))
    const read = await workload("select name from customers")
    expect(read).toMatchObject({ status: 0, stdout: "Ada\n" })
  })
})

describe("a session whose proof is taken back", () => {
  let live: Live
  beforeAll(async () => {
    const list = "  revocations: { use: revocations, with: { list_file: ./revoked.json } }"
    live = await Live.start(options({
      tls: "off",
      protocol: "{ use: postgres }",
      credential: "DB",
      plugins: ["{ use: identity, with: { on_expiry: finish_operation } }", "{ use: residency }", "{ use: recording }"],
      services: `  state: { use: sqlite, with: { path: ./state.db } }\n${list}`,
      postgres: { settings: { max_connections: "300" } },
      files: { "revoked.json": "{ \"version\": 1, \"revoked\": [] }" }
    }))
  }, 60_000)
  afterAll(() => live?.stop())

  it("I10 ends within a second, a hundred at once, and others stay", async () => {
    const clients = await Promise.all(
      Array.from({ length: 100 }, (_, index) => live.connect({ sub: index < 99 ? "leaver" : "stayer" }))
    )
    const ended: Array<number> = []
    clients.forEach((client) => client.on("error", () => ended.push(performance.now())))
    clients.forEach((client) => client.on("end", () => {}))
    const done = await live.sluice("sessions", "end", "--subject", "leaver", "--reason", "left", "--config", live.file)
    const since = performance.now()
    expect(done).toMatchObject({ status: 0 })
    await eventually("all have ended", () => ended.length >= 99)
    expect(Math.max(...ended) - since).toBeLessThan(1000)
    await clients[99]!.query("select 1")
    await expect(live.as({ sub: "leaver", iat: Math.floor(Date.now() / 1000) - 60 }, async () => {})).rejects.toThrow(
      /taken back.*left/
    )
    await live.as({ sub: "leaver", iat: Math.floor(Date.now() / 1000) + 1 }, (client) => client.query("select 1"))
    await Promise.all(clients.map((client) => client.end().catch(() => {})))
  }, 60_000)

  it("ends by its own id, and the ledger says why", async () => {
    const client = await live.connect({ sub: "ida" })
    const { rows: [{ application_name }] } = await client.query("show application_name")
    const id = application_name.split(":")[1]
    const gone = new Promise((resolve) => client.on("error", resolve))
    expect((await live.sluice("sessions", "end", id, "--reason", "odd", "--config", live.file)).status).toBe(0)
    expect(String(await gone)).toContain("ended by its operator. Reason given: odd")
    await eventually("it is recorded", () => {
      const last = [...readSession(live.ledger, id)].at(-1)
      return last?.type === "session.end" && JSON.stringify(last.body).includes("\"ended\"")
    })
  })

  it("ends when a list that someone else keeps names its token", async () => {
    const client = await live.connect({ sub: "kim", jti: "token-9" })
    const gone = new Promise((resolve) => client.on("error", resolve))
    const revoked = [{ token: "token-9", at: Date.now() }]
    writeFileSync(join(live.folder, "revoked.json"), JSON.stringify({ version: 1, revoked }))
    expect(String(await gone)).toContain("taken back")
    await expect(live.as({ sub: "kim", jti: "token-9" }, async () => {})).rejects.toThrow(/taken back/)
  })

  it("that expires lets what runs finish, and nothing else, when the file says so", async () => {
    const token = await live.issuer.token({ sub: "ann" }, { expiresInSeconds: 2 })
    const running = spawn(
      psqlPath()!,
      ["-X", "-At", "-h", "127.0.0.1", "-p", String(live.port), "-U", "a", "postgres"],
      {
        env: { ...process.env, PGPASSWORD: token }
      }
    )
    let out = ""
    let err = ""
    running.stdout.on("data", (text) => out += text)
    running.stderr.on("data", (text) => err += text)
    running.stdin.end(
      "select 'begun';\nselect count(*), 'finished' from generate_series(1, 40000000);\nselect 'more';\n"
    )
    await new Promise((resolve) => running.once("exit", resolve))
    expect(out).toContain("|finished")
    expect(out).not.toContain("more")
    expect(err).toContain("expired")
  }, 30_000)

  it("sessions end says what is wrong with what it was told", async () => {
    const none = await live.sluice("sessions", "end", "--config", live.file)
    expect(none).toMatchObject({ status: 2 })
    expect(none.stderr).toContain("name one target")
    const both = await live.sluice("sessions", "end", "s-1", "--subject", "ann", "--config", live.file)
    expect(both.status).toBe(2)
  })
})
