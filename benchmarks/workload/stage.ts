import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import pg from "pg"
import { startPostgres } from "../../config/demo/local-postgres.ts"
import { type Issuer, makeIssuer } from "../../test/fixtures/issuer.ts"
import type { WorkloadRun } from "./script.ts"

const folderOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const MAIN = folderOf("../../config/main.ts")
const ROWS = `insert into customers select i, 'Name ' || i, 'person-' || i || '@example.com', '+49 30 ' || i,
  case when i % 3 = 0 then 'fr' else 'de' end, date '2026-01-01' + i from generate_series(1, 200) i;
insert into tickets select i, i, 'Subject ' || i, 'Body ' || i, 'open' from generate_series(1, 200) i;
insert into orders select i, 1 + i % 200, i * 1.5, date '2026-01-01' + i % 300 from generate_series(1, 600) i;
insert into invoices select i, i, 'DE00 ' || i, i * 1.5, i % 4 > 0 from generate_series(1, 600) i;
insert into products select i, 'Product ' || i, i * 2 from generate_series(0, 39) i;
insert into events select date '2026-01-01' + i, 'visits', 'us', i from generate_series(1, 100) i;`

/** Both zones' databases and a gateway before them, in a folder of its own. */
export interface WorkloadStage {
  /** The operator's file that is in force, and the ledger that it writes. */
  readonly file: string
  readonly ledger: string
  /** Runs one run, statement after statement; what a statement is refused with does not end it. */
  readonly play: (run: WorkloadRun) => Promise<void>
  readonly stop: () => Promise<void>
}

/** `off` is residency alone. */
export type TaintMode = "off" | "balanced" | "strict"

export interface WorkloadOptions {
  readonly mode: "shadow" | "enforce"
  readonly taint: TaintMode
}

/** The file of a stage under another mode of taint. */
export const withTaint = (text: string, taint: TaintMode): string => {
  const written = text.replace(/taint: \{ mode: \w+,/, `taint: { mode: ${taint},`)
  if (!written.includes(`taint: { mode: ${taint},`)) throw new Error("the example has no taint section to change")
  return written
}

/** Starts everything from nothing. */
export const openWorkload = async ({ mode, taint }: WorkloadOptions): Promise<WorkloadStage> => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-workload-"))
  const postgres = await startPostgres()
  const { password, port, user } = postgres
  const issuer = await makeIssuer({ issuer: "https://login.example.com" })
  const direct = async (database: string, text: string): Promise<void> => {
    const client = new pg.Client({ host: "127.0.0.1", port, user, password, database })
    await client.connect()
    try {
      await client.query(text)
    } finally {
      await client.end()
    }
  }
  for (const database of ["shop", "lake"]) {
    await direct("postgres", `create database ${database}`)
    await direct(database, `${readFileSync(folderOf("../../config/examples/two-zones.sql"), "utf8")}${ROWS}`)
  }
  issuer.writeJwksFile(join(folder, "jwks.json"))
  const file = join(folder, "sluice.config.yaml")
  const text = withTaint(readFileSync(folderOf("../../config/examples/two-zones.yaml"), "utf8"), taint)
    .replace("audience: sluice }", "audience: sluice, jwks_file: ./jwks.json }")
    .replaceAll(/listen: 127\.0\.0\.1:\d+\n/g, `listen: 127.0.0.1:0\n    mode: ${mode}\n`)
    .replace(/^tests_schema:[\s\S]*/m, "")
    .replace("127.0.0.1:5432\", at: de", `127.0.0.1:${port}", at: de, database: shop`)
    .replace("127.0.0.1:5433\", at: us-east", `127.0.0.1:${port}", at: us-east, database: lake`)
  writeFileSync(file, text)
  const credential = `${user}:${password}`
  const gateway = await up(file, { SHOP_EU: credential, LAKE_US: credential })
  return {
    file,
    ledger: join(folder, "ledger"),
    play: (run) => play(run, issuer, gateway.ports),
    stop: async () => {
      await gateway.down()
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

const up = async (file: string, env: Readonly<Record<string, string>>) => {
  const child: ChildProcess = spawn(process.execPath, [MAIN, "up", "--config", file], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env }
  })
  const ports = new Map<string, number>()
  let log = ""
  child.stderr!.setEncoding("utf8").on("data", (text: string) => log = (log + text).slice(-4000))
  await new Promise<void>((resolve, reject) => {
    child.once("exit", () => reject(new Error(`The gateway stopped before it was ready:\n${log}`)))
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const [word, name = "", , address = ""] = line.split(" ")
      if (word === "listening") ports.set(name, Number(address.split(":").at(-1)))
      if (line === "ready") resolve()
    })
  })
  const down = (): Promise<void> =>
    new Promise((resolve) => {
      child.once("exit", () => resolve())
      child.kill("SIGTERM")
    })
  return { ports, down }
}

const play = async ({ agent, id, steps }: WorkloadRun, issuer: Issuer, ports: ReadonlyMap<string, number>) => {
  const clients = new Map<string, pg.Client>()
  const token = await issuer.token({ sub: agent, run: id })
  for (const { ask, pipeline } of steps) {
    let client = clients.get(pipeline)
    if (client === undefined) {
      client = new pg.Client({
        host: "127.0.0.1",
        port: ports.get(pipeline)!,
        user: "app",
        password: token,
        database: "x"
      })
      client.on("error", () => {})
      await client.connect()
      clients.set(pipeline, client)
    }
    await client.query(ask).catch((error: Error) => {
      if (process.env["WORKLOAD_DEBUG"] !== undefined) console.error(`${agent}: ${ask}: ${error.message}`)
    })
  }
  for (const client of clients.values()) await client.end().catch(() => {})
}
