import { readFileSync } from "node:fs"
import { setTimeout as passed } from "node:timers/promises"
import pg from "pg"
import type { Contender } from "./contenders.ts"

const CONNECTIONS = 100
const SETTLING_MILLISECONDS = 1000

/** How much more memory of its own a process holds for each connection that asked once and now is idle, in KB. */
export const idleKilobytes = async (contender: Contender): Promise<number> => {
  const { database, password, pid, port, user } = contender
  await passed(SETTLING_MILLISECONDS)
  const before = anonymousKilobytes(pid!)
  const clients = Array.from(
    { length: CONNECTIONS },
    () => new pg.Client({ host: "127.0.0.1", port, user, password, database })
  )
  try {
    for (const client of clients) {
      await client.connect()
      await client.query("select abalance from pgbench_accounts where aid = 1")
    }
    await passed(SETTLING_MILLISECONDS)
    return (anonymousKilobytes(pid!) - before) / CONNECTIONS
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)))
  }
}

/** Memory that is no file's (proc(5)). */
const anonymousKilobytes = (pid: number): number =>
  Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1])
