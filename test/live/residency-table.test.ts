import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { Live, type LiveOptions, runProgram } from "../fixtures/live.ts"
import { tableResidency, type TableRow, tableRows, tableSchema } from "../fixtures/residency-table.ts"

const MAIN = fileURLToPath(new URL("../../config/main.ts", import.meta.url))
const LATER = "2099-06-30"

const optionsOf = (world: TableRow["world"], until: string): LiveOptions => ({
  schema: tableSchema,
  residency: tableResidency(world, until),
  at: {
    gateway: world === "gateway at us-east" ? "us-east" : "de",
    ledger: world === "recorder at us-east" ? "us-east" : "de"
  }
})

/** Gateways that are up, one for each world that a row wants. */
const worlds = new Map<string, Promise<Live>>()
afterAll(async () => {
  for (const live of worlds.values()) await (await live).stop()
})

const liveFor = ({ late, world }: TableRow): Promise<Live> => {
  const until = late === true ? "2020-01-01" : LATER
  const key = `${world} ${until}`
  const started = worlds.get(key) ?? Live.start(optionsOf(world, until))
  worlds.set(key, started)
  return started
}

const titleOf = ({ row, what, decision, code }: TableRow): string => `row ${row}: ${what}: ${code ?? decision}`

describe("the residency table, through a live session", () => {
  for (const row of tableRows) {
    it(titleOf(row), async () => {
      const live = await liveFor(row)
      const token = await live.issuer.token({ ...row.caller }, { expiresInSeconds: 600, actors: row.actors ?? [] })
      const ran = timesRun(live, row.ask)
      const told = await ask(live, token, row.ask)
      if (row.decision === "allow") expect(told.refused).toBeUndefined()
      else if (row.decision === "mask") {
        expect(told.refused).toBeUndefined()
        expect(told.rows).toEqual([["****"]])
      } else {
        expect(told.refused?.sqlstate).toMatch(row.code === "identity" ? /^(42501|28)/ : /^42501$/)
        expect(told.refused?.message).toContain(`(${row.code ?? "approval_unavailable"})`)
        if (row.code === "residency") expect(told.refused?.hint).not.toBe("")
      }
      expect(JSON.stringify(told)).not.toContain("Canary")
      expect(timesRun(live, row.ask) - ran).toBe(told.refused === undefined ? 1 : 0)
    })
  }
})

/** How often the database itself has run `text`. */
const timesRun = (live: Live, text: string): number => live.upstreamLog().split(`: ${text}\n`).length - 1

const ask = async (live: Live, token: string, text: string) => {
  const { default: pg } = await import("pg")
  const client = new pg.Client({
    host: "127.0.0.1",
    port: live.port,
    user: "app",
    password: token,
    database: "postgres"
  })
  client.on("error", () => {})
  try {
    await client.connect()
    const { rows } = await client.query<Array<unknown>>({ text, rowMode: "array" })
    return { rows, refused: undefined }
  } catch (error) {
    const { code = "", hint = "", message } = error as { code?: string; hint?: string; message: string }
    return { rows: [], refused: { sqlstate: code, message, hint } }
  } finally {
    await client.end().catch(() => {})
  }
}

describe("the residency table, through explain", () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-table-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  for (const [index, row] of tableRows.entries()) {
    it(titleOf(row), async () => {
      const file = join(folder, `row-${index}.yaml`)
      writeFileSync(join(folder, "schema.sql"), tableSchema.filter((text) => text.startsWith("create")).join(";\n"))
      writeFileSync(join(folder, "jwks.json"), "{\"keys\":[]}")
      writeFileSync(file, explainFile(row))
      const { caller: { sub, groups = [], ...claims } } = row
      const caller = { subject: sub, groups, claims, actors: row.actors ?? [] }
      const words = [
        "explain",
        "--config",
        file,
        "--pipeline",
        "orders",
        "--as",
        JSON.stringify(caller),
        "--ask",
        row.ask
      ]
      const at = row.late === true ? ["--at", "2099-07-01T00:00:00Z"] : ["--at", "2026-11-01T00:00:00Z"]
      const schema = ["--schema", join(folder, "schema.sql")]
      const ran = await runProgram(process.execPath, [MAIN, ...words, ...at, ...schema, "--json"], "", {})
      const receipt = JSON.parse(ran.stdout)
      expect(receipt).toMatchObject({ decision: row.decision, ...(row.code === undefined ? {} : { code: row.code }) })
      expect(ran.status).toBe(row.decision === "deny" ? 1 : 0)
      if (row.cites !== undefined) expect(JSON.stringify(receipt.checks)).toContain(`"cites":"${row.cites}"`)
    })
  }
})

const explainFile = ({ world }: TableRow): string =>
  `version: 1
gateway: { at: ${world === "gateway at us-east" ? "us-east" : "de"}, name: table }
services:
  tokens: { use: oidc, with: { issuer: "https://issuer.test", audience: sluice, jwks_file: ./jwks.json } }
  ledger: { use: files, with: { directory: ./ledger, at: ${world === "recorder at us-east" ? "us-east" : "de"} } }
residency:
${tableResidency(world, LATER)}
pipelines:
  orders:
    listen: 127.0.0.1:6432
    tls: off
    protocol: { use: postgres }
    upstream: { address: "orders-db.internal:5432", at: de, tls: verify-full, credential: DB }
    plugins: [{ use: identity }, { use: residency }, { use: masking }, { use: recording }]
`
