import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { freePort } from "../../config/demo/free-port.ts"
import { type LocalPostgres } from "../../config/demo/local-postgres.ts"

/** The core that the stub shares with the load. */
const CORE = "1"

/** What the stub answers from memory: pgbench's question. */
const KNOWN = ["SELECT abalance FROM pgbench_accounts"]

/** The stub in front of a database, in a process of its own; see `stub-upstream.ts`. */
export const stubbed = async (postgres: LocalPostgres): Promise<LocalPostgres> => {
  const port = await freePort()
  const program = fileURLToPath(new URL("stub-upstream.ts", import.meta.url))
  const command = ["-c", CORE, process.execPath, program, String(port), String(postgres.port), ...KNOWN]
  const child = spawn("taskset", command, { stdio: ["ignore", "pipe", "inherit"] })
  process.once("exit", () => child.kill("SIGKILL"))
  await once(child.stdout, "data")
  return {
    ...postgres,
    port,
    stop: async () => {
      child.kill()
      await once(child, "exit")
    }
  }
}
