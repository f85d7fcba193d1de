import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { readFileSync } from "node:fs"
import { isIP } from "node:net"
import { resolve } from "node:path"
import pg from "pg"
import { defineService, parseCredential, type PluginError, pluginError, Secrets, State } from "../../../core/index.ts"
import { addressOf, PostgresConfig } from "./config.ts"
import { Store, StoreFault } from "./store.ts"

const CONNECT_MILLISECONDS = 5000
const STATEMENT_MILLISECONDS = 5000

/** `use: postgres`: state in a schema of a PostgreSQL, shared by several gateways and by commands on any machine. */
export const postgresState = defineService({
  name: "postgres",
  config: PostgresConfig,
  provides: State,
  requires: [Secrets],
  layer: (config, site) =>
    Layer.effect(
      State,
      Effect.gen(function*() {
        const where = `${config.address}, schema ${config.schema}`
        const secrets = yield* Secrets
        const secret = yield* secrets.fetch(config.credential)
        const credential = parseCredential(Redacted.value(secret))
        if (credential === undefined) {
          return yield* Effect.fail(
            pluginError("postgres", `The secret ${config.credential} is not of the form user:password.`)
          )
        }
        const options = yield* Effect.try({
          try: () => optionsOf(config, credential, site.directory),
          catch: () => pluginError("postgres", `authority_file ${config.authority_file ?? ""} cannot be read.`)
        })
        const pool = yield* Effect.acquireRelease(
          Effect.sync(() => {
            const opened = new pg.Pool(options)
            opened.on("error", () => {})
            return opened
          }),
          (opened) => Effect.promise(() => opened.end())
        )
        const store = new Store(pool, config.schema)
        const ask = <A>(work: () => Promise<A>): Effect.Effect<A, PluginError> =>
          Effect.tryPromise({ try: work, catch: (cause) => errorOf(where, cause) }).pipe(Effect.uninterruptible)
        yield* ask(() => store.migrate())
        return {
          read: (space, key) => ask(() => store.read(space, key)),
          update: (space, key, change) => ask(() => store.update(space, key, change)),
          list: (space, prefix) => ask(() => store.list(space, prefix))
        }
      })
    )
})
export default postgresState

const optionsOf = (
  config: PostgresConfig,
  { password, user }: { readonly user: string; readonly password: string },
  directory: string
): pg.PoolConfig => {
  const { host, port } = addressOf(config.address)!
  const { authority_file: authority } = config
  const ca = authority === undefined ? {} : { ca: readFileSync(resolve(directory, authority), "utf8") }
  const name = isIP(host) === 0 ? { servername: host } : { host }
  return {
    host,
    port,
    user,
    password,
    database: config.database,
    ssl: config.tls === "off" ? false : { ...ca, ...name, rejectUnauthorized: config.tls === "verify-full" },
    max: config.connections_max,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    statement_timeout: STATEMENT_MILLISECONDS,
    query_timeout: STATEMENT_MILLISECONDS + 1000,
    application_name: "sluice state",
    keepAlive: true,
    // What was acknowledged must be there after a crash of the server, too.
    options: "-c synchronous_commit=on -c client_encoding=UTF8"
  }
}

/** What went wrong, and the remedy. The driver's own message is left out: it may quote values. */
const errorOf = (where: string, cause: unknown): PluginError => {
  if (cause instanceof StoreFault) return pluginError("postgres", `The state at ${where} ${cause.message}`)
  const code = (cause as { readonly code?: unknown } | null)?.code
  const known = typeof code === "string" && /^[A-Z0-9_]{2,40}$/.test(code) ? code : "no answer"
  return pluginError("postgres", `The state at ${where} cannot be used (${known}). ${remedies[known] ?? REMEDY}`)
}

const REMEDY = "Check the address, the TLS settings, the credential and its rights."
const remedies: Readonly<Record<string, string>> = {
  "28P01": "The server refused the password: check the credential.",
  "3D000": "There is no such database: make it.",
  "42501": "The login may not use the schema: let it own the schema, or create one in the database.",
  ECONNREFUSED: "Nothing accepts connections there."
}
