import { execFile } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { SECONDS } from "./turns.ts"
import { cpuSeconds } from "../measure/cpu.ts"
import type { Contender } from "./contenders.ts"

const run = promisify(execFile)

/** The core that the load runs on. */
const CORE = "1"

/** What one run of pgbench through a contender cost. */
export interface Load {
  readonly transactionsPerSecond: number
  /** CPU seconds of the contender itself for 100,000 transactions; not a number where nothing is in between. */
  readonly cpuPer100k: number
}

const words = (line: string): ReadonlyArray<string> => line.split(" ")

/** pgbench, from PostgreSQL's own client programs. */
export const findPgbench = (): string => {
  const debian = "/usr/lib/postgresql"
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : []
  const found = versions.map((version) => join(debian, version, "bin", "pgbench")).find(existsSync)
  if (found === undefined) throw new Error("pgbench was not found. On Debian: apt-get install postgresql.")
  return found
}

const runPgbench = async (contender: Contender, how: string, folder?: string): Promise<string> => {
  const where = `-h 127.0.0.1 -p ${contender.port} -U ${contender.user} ${contender.database}`
  const { stdout } = await run(
    "taskset",
    ["-c", CORE, findPgbench(), ...words(how), ...words(where)],
    { env: { ...process.env, PGPASSWORD: contender.password }, ...(folder === undefined ? {} : { cwd: folder }) }
  )
  return stdout
}

/** How long the slowest of a hundred transactions take, in milliseconds, where so many come in a second. */
export const latency99 = async (
  contender: Contender,
  { clients, perSecond }: { readonly clients: number; readonly perSecond: number }
): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-latency-"))
  try {
    await runPgbench(contender, `-n -S -l -R ${perSecond} -c ${clients} -T ${SECONDS}`, folder)
    const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), "utf8").trim().split("\n"))
    // client, transaction, microseconds from when it was due, … (pgbench's manual, "Per-Transaction Logging").
    const took = lines.map((line) => Number(line.split(" ")[2])).toSorted((a, b) => a - b)
    return took[Math.floor(took.length * 0.99)]! / 1000
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Connects, logs in, asks once and leaves, again and again, eight at a time. */
export const connectionsPerSecond = async (contender: Contender): Promise<number> =>
  Number(/tps = ([\d.]+)/.exec(await runPgbench(contender, `-n -S -C -c 8 -T ${SECONDS}`))?.[1])

export interface LoadOptions {
  readonly clients: number
  /** For so many seconds, or until each client has asked so often: then every contender's logins weigh the same. */
  readonly until: { readonly seconds: number } | { readonly transactions: number }
  readonly mode?: "simple" | "extended" | "prepared"
}

/** Runs select-only pgbench, and takes the contender's CPU time before and after. */
export const pgbench = async (
  contender: Contender,
  { clients, mode, until }: LoadOptions
): Promise<Load> => {
  const before = contender.pid === undefined ? Number.NaN : cpuSeconds(contender.pid)
  const stdout = await runPgbench(
    contender,
    `-n -S -M ${mode ?? "simple"} -c ${clients} ${
      "seconds" in until ? `-T ${until.seconds}` : `-t ${until.transactions}`
    }`
  )
  const after = contender.pid === undefined ? Number.NaN : cpuSeconds(contender.pid)
  const tps = Number(/tps = ([\d.]+)/.exec(stdout)?.[1])
  const transactions = Number(/number of transactions actually processed: (\d+)/.exec(stdout)?.[1])
  return { transactionsPerSecond: tps, cpuPer100k: (after - before) / transactions * 100_000 }
}

/** CPU seconds of the contender for one large result, read to its end and thrown away by psql. */
export const bigResult = async (contender: Contender, text: string): Promise<number> => {
  const before = cpuSeconds(contender.pid!)
  await run(
    "taskset",
    [
      "-c",
      CORE,
      "psql",
      "-X",
      "-q",
      "-A",
      "-t",
      "-o",
      "/dev/null",
      "-h",
      "127.0.0.1",
      "-p",
      String(contender.port),
      "-U",
      contender.user,
      "-d",
      contender.database,
      ...Array.from({ length: 5 }, () => ["-c", text]).flat()
    ],
    { env: { ...process.env, PGPASSWORD: contender.password }, maxBuffer: 1 << 20 }
  )
  return (cpuSeconds(contender.pid!) - before) / 5
}
