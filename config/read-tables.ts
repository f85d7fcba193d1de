import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type PluginError, pluginError, Readers } from "../core/index.ts"
import type { Builtins } from "./builtins.ts"
import type { Table } from "./first-file.ts"
import { isLoopback } from "./schema/index.ts"

/** A database as its URL names it. */
export interface DatabaseUrl {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly tls: "off" | "require" | "verify-full"
}

/** Reads `postgres://user:password@host:port/database?sslmode=…`; the password may come from PGPASSWORD instead. */
export const parseDatabaseUrl = (text: string): DatabaseUrl | undefined => {
  const url = URL.parse(text)
  if (url === null || url.hostname === "" || !/^postgres(ql)?:$/.test(url.protocol)) return undefined
  const host = decodeURIComponent(url.hostname).replace(/^\[|\]$/g, "")
  const user = decodeURIComponent(url.username) || "postgres"
  const mode = url.searchParams.get("sslmode")
  const asked = mode === "disable" ? "off" : mode === "require" || mode === "verify-full" ? mode : undefined
  return {
    host,
    port: url.port === "" ? 5432 : Number(url.port),
    user,
    password: decodeURIComponent(url.password) || process.env["PGPASSWORD"] || "",
    database: decodeURIComponent(url.pathname.slice(1)) || user,
    tls: isLoopback(host) ? asked ?? "off" : asked === "off" ? "require" : asked ?? "verify-full"
  }
}

const query = `select table_schema || '.' || table_name as name, column_name as column
  from information_schema.columns
  where table_schema not in ('pg_catalog', 'information_schema') and table_schema not like 'pg\\_%'
  order by table_schema, table_name, ordinal_position`

const tablesMax = 5000

/** The tables of a live database, with the service that the gateway itself asks upstreams with. */
export const readTables = (from: DatabaseUrl, builtins: Builtins): Effect.Effect<ReadonlyArray<Table>, PluginError> =>
  Effect.scoped(Effect.gen(function*() {
    const load = builtins.services["catalogue"]
    if (load === undefined) return yield* Effect.fail(pluginError("init", "This build cannot ask databases."))
    const service = yield* Effect.promise(load)
    const services = yield* Layer.build(
      service.layer({}, { directory: process.cwd() }) as Layer.Layer<Readers, PluginError>
    )
    const rows = yield* Effect.provideContext(
      Effect.gen(function*() {
        const readers = yield* Readers
        const { database, host, password, port, tls, user } = from
        const reader = yield* readers.open({
          host,
          port,
          tls,
          authority: undefined,
          database,
          credential: { user, password }
        })
        return yield* reader.query(query)
      }),
      services
    )
    const tables = new Map<string, Array<string>>()
    for (const { column, name } of rows) {
      if (name == null || column == null) continue
      const columns = tables.get(name)
      if (columns === undefined) tables.set(name, [column])
      else columns.push(column)
    }
    if (tables.size > tablesMax)
      return yield* Effect.fail(pluginError("init", `There are more than ${tablesMax} tables.`))
    return [...tables].map(([name, columns]) => ({ name, columns }))
  }))
