import { type ChildProcess, spawn } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { freePort } from "../../config/demo/free-port.ts"
import { type LocalPostgres } from "../../config/demo/local-postgres.ts"
import { type Issuer, makeIssuer } from "../../test/fixtures/issuer.ts"

/** Something between a client and the database, running, and the way through it. */
export interface Contender {
  readonly name: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /** Undefined for the way that has nothing in between. */
  readonly pid: number | undefined
  stop(): Promise<void>
}

/** The core that the contender runs on; the database and the load have the other. */
const CORE = "0"

export const direct = (postgres: LocalPostgres): Contender => ({
  name: "direct",
  port: postgres.port,
  user: postgres.user,
  password: postgres.password,
  database: "postgres",
  pid: undefined,
  stop: async () => {}
})

/** pgbouncer in transaction mode: Debian's package. Undefined where it is not installed. */
export const pgbouncer = async (postgres: LocalPostgres, folder: string): Promise<Contender | undefined> => {
  const program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].find(existsSync)
  if (program === undefined) return undefined
  const port = await freePort()
  const file = join(folder, "pgbouncer.ini")
  writeFileSync(
    file,
    `[databases]
postgres = host=127.0.0.1 port=${postgres.port} user=${postgres.user} password=${postgres.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 40
max_client_conn = 200
ignore_startup_parameters = extra_float_digits
`
  )
  chmodSync(file, 0o644)
  const owner = process.getuid?.() === 0 ? ["--reuid=65534", "--regid=65534", "--clear-groups"] : []
  const command = owner.length === 0 ? [program, "-q", file] : ["setpriv", ...owner, program, "-q", file]
  return started("pgbouncer", command, port, { user: postgres.user, password: "x", database: "postgres" })
}

/** haproxy, passing bytes on. Undefined where it is not installed. */
export const haproxy = async (postgres: LocalPostgres, folder: string): Promise<Contender | undefined> => {
  if (!existsSync("/usr/sbin/haproxy")) return undefined
  const port = await freePort()
  const file = join(folder, "haproxy.cfg")
  writeFileSync(
    file,
    `global
  nbthread 1
defaults
  mode tcp
  timeout connect 5s
  timeout client 5m
  timeout server 5m
listen postgres
  bind 127.0.0.1:${port}
  server upstream 127.0.0.1:${postgres.port}
`
  )
  const { password, user } = postgres
  return started("haproxy", ["/usr/sbin/haproxy", "-db", "-f", file], port, { user, password, database: "postgres" })
}

export interface GatewayOptions {
  readonly name: string
  readonly answers?: boolean
  /** With one more plugin, whose hooks do nothing. */
  readonly idlePlugin?: boolean
}

/** The gateway, as `sluice up` runs it, with everything on: identity, residency, masking, recording. */
export const gateway = (postgres: LocalPostgres, folder: string, options: GatewayOptions): Promise<Contender> =>
  startGateway(postgres, folder, {
    name: options.name,
    file: (port) => benchFile(port, postgres.port, options),
    modules: options.idlePlugin === true ? { "idle.ts": idlePlugin() } : {},
    password: (issuer) => issuer.token({ sub: "bench", groups: ["bench"] }, { expiresInSeconds: 7200 })
  })

/** A gateway of its own: the operator's file, the modules that the file names, and with what pgbench logs in. */
export interface GatewayHome {
  readonly name: string
  readonly file: (port: number) => string
  readonly modules: Readonly<Record<string, string>>
  readonly password: (issuer: Issuer) => Promise<string>
}

/** Starts one in a folder of its own below `folder`, before `postgres`. */
export const startGateway = async (
  postgres: LocalPostgres,
  folder: string,
  { file, modules, name, password }: GatewayHome
): Promise<Contender & { readonly issuer: Issuer }> => {
  const port = await freePort()
  const issuer = await makeIssuer({ issuer: "https://bench.invalid", audience: "bench" })
  const home = join(folder, name.replaceAll(/\W/g, "-"))
  mkdirSync(home, { recursive: true })
  issuer.writeJwksFile(join(home, "jwks.json"))
  writeFileSync(join(home, "secrets.yaml"), `BENCH_DB: ${postgres.user}:${postgres.password}\n`, { mode: 0o600 })
  writeFileSync(join(home, "sluice.config.yaml"), file(port))
  for (const [module, text] of Object.entries(modules)) writeFileSync(join(home, module), text)
  const main = fileURLToPath(new URL("../../config/main.ts", import.meta.url))
  const command = [process.execPath, main, "up", "--config", join(home, "sluice.config.yaml")]
  const login = { user: "bench", password: await password(issuer), database: "postgres" }
  return { ...await started(name, command, port, login), issuer }
}

const idlePlugin = (): string =>
  `import * as Schema from "${import.meta.resolve("effect/Schema")}"
import { allow, Any, definePlugin } from "${new URL("../../core/index.ts", import.meta.url).href}"
export default definePlugin({
  name: "idle",
  family: Any,
  config: Schema.Struct({}),
  requires: [],
  connect: () => ({ inspect: () => {}, decide: () => allow, transform: () => {}, record: () => {} })
})
`

const benchFile = (port: number, upstream: number, options: GatewayOptions): string =>
  `version: 1
gateway: { at: de, name: bench }
services:
  tokens: { use: oidc, with: { issuer: "https://bench.invalid", audience: bench, jwks_file: ./jwks.json } }
  secrets: { use: file, with: { path: ./secrets.yaml } }
  ledger: { use: files, with: { directory: ./ledger, at: de } }
residency:
  zones: { eu: { includes: [de] } }
  data_sets:
    accounts:
      home: [eu]
      on:
        bench:
          tables:
            public.pgbench_accounts: {}
            public.pgbench_branches: {}
            public.pgbench_tellers: {}
            public.pgbench_history: {}
            public.people: { ssn: us_ssn }
  parties:
    bench: { match: { subject: bench }, at: de, clearance: [eu] }
pipelines:
  bench:
    listen: 127.0.0.1:${port}
    tls: off
    protocol: { use: postgres }
    upstream: { address: "127.0.0.1:${upstream}", at: de, tls: off, credential: BENCH_DB }
    plugins:
      - { use: identity }
      - { use: residency }
      - { use: masking }${options.idlePlugin === true ? "\n      - { use: ./idle.ts }" : ""}
      - { use: recording, with: { answers: ${options.answers ?? false} } }
`

/** Runs a contender on its core, and waits until it accepts connections. */
const started = async (
  name: string,
  command: ReadonlyArray<string>,
  port: number,
  login: { readonly user: string; readonly password: string; readonly database: string }
): Promise<Contender> => {
  const child = spawn("taskset", ["-c", CORE, ...command], { stdio: ["ignore", "ignore", "pipe"] })
  const said: Array<string> = []
  child.stderr?.on("data", (bytes) => said.push(String(bytes)))
  const stop = (): Promise<void> => stopProcess(child)
  process.once("exit", () => child.kill("SIGKILL"))
  for (let tries = 0; !(await accepts(port)); tries++) {
    if (child.exitCode !== null || tries > 300) throw new Error(`${name} did not start:\n${said.join("")}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { name, port, ...login, pid: child.pid, stop }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy()
      resolve(true)
    })
    socket.once("error", () => resolve(false))
  })

const stopProcess = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once("exit", () => resolve())
    child.kill("SIGTERM")
    setTimeout(() => child.kill("SIGKILL"), 5000).unref()
  })
