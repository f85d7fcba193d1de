import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import type { Caller, Live, LiveOptions, Ran } from "../fixtures/live.ts"
import { psqlPath } from "../setup/programs.ts"

/** The residency that the approval tests run with: an agent outside the data's home, and people who may decide. */
export const residency = `  zones:
    eu: { includes: [de, fr] }
    us: { includes: [us-east] }
  data_sets:
    customers:
      home: [eu]
      otherwise: approve
      masked: counts
      on: { orders: { tables: { public.customers: {}, public.seen: {} } } }
  parties:
    virginia: { match: { subject: agent-virginia }, at: us-east, clearance: [eu, us], agent: true }
    travelling: { match: { subject: dpo-away }, at: us-east, clearance: [eu, us] }
    officer: { match: { group: dpo }, at: de, clearance: [eu] }
    berlin: { match: { subject: agent-berlin }, at: de, clearance: [eu], agent: true }`

export const schema = [
  "create table public.customers (id int primary key, name text)",
  "insert into public.customers values (1, 'Ada'), (2, 'Grace')",
  "create view public.seen as select name from public.customers"
]

export const optionsOf = (approval: string, more: Partial<LiveOptions> = {}): LiveOptions => ({
  schema,
  residency,
  services: "  state: { use: sqlite, with: { path: ./sluice.db } }",
  plugins: [
    "{ use: identity }",
    "{ use: residency }",
    `{ use: approval, with: { ${approval} } }`,
    "{ use: masking }",
    "{ use: recording, with: { answers: true } }"
  ],
  ...more
})

export const virginia: Caller = { sub: "agent-virginia" }
export const dpo: Caller = { sub: "dora", groups: ["dpo"], email: "dora@example.com" }
export const second: Caller = { sub: "emil", groups: ["dpo"], email: "emil@example.com" }
export const away: Caller = { sub: "dpo-away", groups: ["dpo"] }

/** psql with a statement under way. */
export interface Held {
  /** The request that psql's user was told of. */
  readonly id: Promise<string>
  readonly done: Promise<Ran>
  readonly kill: () => void
  /** As Ctrl-C does. */
  readonly interrupt: () => void
}

/** Starts psql with one statement, which is expected to be held. */
export const hold = async (live: Live, caller: Caller, text: string, expiresInSeconds = 600): Promise<Held> => {
  const child = spawn(psqlPath()!, [
    "-X",
    "-At",
    "-h",
    "127.0.0.1",
    "-p",
    String(live.port),
    "-U",
    "app",
    "-d",
    "postgres"
  ], {
    env: { ...process.env, PGPASSWORD: await live.token(caller, expiresInSeconds) },
    stdio: ["pipe", "pipe", "pipe"]
  })
  let stdout = ""
  let stderr = ""
  child.stdout.on("data", (chunk) => stdout += chunk)
  const done = new Promise<Ran>((resolve) => {
    child.once("close", (code) => resolve({ status: code ?? 128, stdout, stderr }))
  })
  const id = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      stderr += `${line}\n`
      const found = /request (ap-[a-z0-9]+)/.exec(line)?.[1]
      if (found !== undefined && line.startsWith("NOTICE")) resolve(found)
    })
    void done.then(({ stderr }) => reject(new Error(`psql ended: ${stderr}`)))
  })
  id.catch(() => {})
  child.stdin.end(`${text};\n`)
  return { id, done, kill: () => void child.kill("SIGKILL"), interrupt: () => void child.kill("SIGINT") }
}

/** How often the database itself has run something that holds `text`. */
export const timesRun = (live: Live, text: string): number =>
  live.upstreamLog().split("\n").filter((line) => /statement: |execute /.test(line) && line.includes(text)).length

/** Waits until `holds`, for at most ten seconds. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  const end = Date.now() + 10_000
  while (!await holds()) {
    if (Date.now() > end) throw new Error("It did not come to that within ten seconds.")
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
