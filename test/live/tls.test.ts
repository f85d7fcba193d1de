import { spawn } from "node:child_process"
import { chmodSync, chownSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type LocalPostgres, startPostgres } from "../../config/demo/local-postgres.ts"
import { defineService, Secrets } from "../../core/index.ts"
import catalogue from "../../plugins/services/catalogue/index.ts"
import { postgres } from "../../protocols/postgres/index.ts"
import {
  eventually,
  fixture,
  linePipeline,
  linePlan,
  runGateway,
  type RunningGateway
} from "../fixtures/line-gateway.ts"
import { psqlPath } from "../setup/programs.ts"

/** A copy of a test certificate that the database's own user may read. */
const lend = (folder: string, name: string): string => {
  const path = join(folder, name)
  copyFileSync(fixture(name), path)
  chmodSync(path, 0o600)
  // As root, the database runs as nobody.
  if (process.getuid?.() === 0) chownSync(path, 65534, 65534)
  return path
}

const ca = readFileSync(fixture("ca.crt"), "utf8")

describe("PostgreSQL over TLS, on both sides of the gateway", () => {
  let folder: string
  let database: LocalPostgres
  let running: RunningGateway
  let port: number

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sluice-tls-"))
    chmodSync(folder, 0o755)
    database = await startPostgres({
      settings: {
        ssl: "on",
        ssl_cert_file: lend(folder, "localhost.crt"),
        ssl_key_file: lend(folder, "localhost.key")
      }
    })
    const secrets = defineService({
      name: "fixed",
      config: Schema.Struct({}),
      provides: Secrets,
      layer: () =>
        Layer.succeed(
          Secrets,
          Secrets.of({ fetch: () => Effect.succeed(Redacted.make(`${database.user}:${database.password}`)) })
        )
    })
    const site = { directory: folder }
    const pipeline = linePipeline(database.port, {
      tls: { certificate: fixture("localhost.crt"), key: fixture("localhost.key") },
      protocol: postgres as never,
      protocolConfig: Schema.decodeUnknownSync(postgres.config)({})
    })
    const upstream = {
      ...pipeline.upstream,
      tls: "verify-full",
      host: "localhost",
      authority: fixture("ca.crt")
    } as const
    running = await runGateway(linePlan([{ ...pipeline, upstream }], {
      services: [
        { name: "secrets", service: secrets, config: {}, site },
        { name: "catalogue", service: catalogue, config: Schema.decodeUnknownSync(catalogue.config)({}), site }
      ]
    }))
    port = running.port()
  })

  afterAll(async () => {
    await running?.close()
    await database?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const psql = (settings: string, input: string): Promise<{ readonly code: number | null; readonly said: string }> =>
    new Promise((resolve) => {
      const child = spawn(psqlPath()!, [
        "-XAt",
        `host=localhost hostaddr=127.0.0.1 port=${port} user=app dbname=postgres ${settings}`
      ], {
        env: { ...process.env, PGPASSWORD: "anything", PGSSLROOTCERT: fixture("ca.crt") }
      })
      let said = ""
      child.stdout.on("data", (chunk) => void (said += String(chunk)))
      child.stderr.on("data", (chunk) => void (said += String(chunk)))
      child.on("close", (code) => resolve({ code, said }))
      child.stdin.end(input)
    })

  it("psql verifies the gateway, and the gateway the database", async () => {
    const asked = "select 6 * 7; select ssl, version from pg_stat_ssl where pid = pg_backend_pid();"
    expect(await psql("sslmode=verify-full", asked)).toEqual({ code: 0, said: "42\nt|TLSv1.3\n" })
    expect(await psql("sslmode=disable", "select 1")).toMatchObject({ code: 2 })
  })

  it("TLS may begin with the first byte, for PostgreSQL's own application protocol only", async () => {
    const connect = async (negotiation: "direct" | "postgres"): Promise<unknown> => {
      const client = new pg.Client({
        host: "localhost",
        port,
        user: "app",
        password: "anything",
        database: "postgres",
        ssl: { ca },
        sslnegotiation: negotiation
      })
      await client.connect()
      const { rows } = await client.query("select $1::int + 1 as sum", [41])
      await client.end()
      return rows
    }
    expect(await connect("postgres")).toEqual([{ sum: 42 }])
    expect(await connect("direct")).toEqual([{ sum: 42 }])
  })

  it("a large answer comes whole, and a long question goes whole", async () => {
    const client = new pg.Client({
      host: "localhost",
      port,
      user: "app",
      password: "x",
      database: "postgres",
      ssl: { ca }
    })
    await client.connect()
    const { rows } = await client.query("select i, repeat('x', 500) as text from generate_series(1, 50000) i")
    expect(rows).toHaveLength(50_000)
    expect(rows.at(-1)).toEqual({ i: 50_000, text: "x".repeat(500) })
    const long = "y".repeat(3_000_000)
    expect((await client.query("select length($1::text) as length", [long])).rows).toEqual([{ length: long.length }])
    await client.end()
  })

  it("a cancellation crosses both, and stops what runs", async () => {
    const client = new pg.Client({
      host: "localhost",
      port,
      user: "app",
      password: "x",
      database: "postgres",
      ssl: { ca }
    })
    await client.connect()
    const sleeping = client.query("select pg_sleep(60)")
    const failed = expect(sleeping).rejects.toMatchObject({ code: "57014" })
    await eventually("it was judged", () => running.gateway.counters("lines").operations.size > 0)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await new Promise<void>((resolve) => {
      const { processID, secretKey } = client as unknown as { readonly processID: number; readonly secretKey: number }
      const canceller = new pg.Client({ host: "localhost", port, ssl: { ca } }) as any
      canceller.connection.once("sslconnect", () => canceller.connection.cancel(processID, secretKey))
      canceller.connection.once("end", resolve)
      canceller.connection.on("error", () => {})
      canceller.connection.connect(port, "localhost")
      canceller.connection.once("connect", () => canceller.connection.requestSsl())
    })
    await failed
    expect(running.gateway.counters("lines").cancels.of("sent")).toBe(1)
    expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }])
    await client.end()
  })
})
