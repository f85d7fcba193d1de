import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import { Secrets, State } from "../../../core/index.ts"
import { postgresState } from "../../../plugins/services/postgres/index.ts"
import { sqlite } from "../../../plugins/services/sqlite/index.ts"
import { startPostgres } from "../../fixtures/real-postgres.ts"

/** One state, as two gateways see it. */
export interface RealStates {
  readonly gateways: readonly [State["Service"], State["Service"]]
  /** Breaks every connection to it, in whatever they are doing; nothing where there is no connection. */
  readonly cut: () => Promise<void>
  readonly close: () => Promise<void>
}

const opened = async (layer: Layer.Layer<State, any>) => {
  const runtime = ManagedRuntime.make(layer)
  return { state: await runtime.runPromise(State), close: () => runtime.dispose() }
}

/** Two connections to a file. */
const onSqlite = async (): Promise<RealStates> => {
  // In memory where that is possible: it is processes that crash here, not the machine.
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "sluice-states-"))
  const [one, two] = await Promise.all(
    [1, 2].map(() => opened(sqlite.layer({ path: "state.db" }, { directory: folder })))
  )
  return {
    gateways: [one!.state, two!.state],
    cut: async () => {},
    close: async () => {
      await Promise.all([one!.close(), two!.close()])
      rmSync(folder, { recursive: true })
    }
  }
}

/** Two pools to a server. */
const onPostgres = async (): Promise<RealStates> => {
  const server = await startPostgres()
  const secrets = Layer.succeed(Secrets, { fetch: () => Effect.succeed(Redacted.make("postgres:unused")) })
  const config = Schema.decodeUnknownSync(postgresState.config)({
    address: `127.0.0.1:${server.port}`,
    database: "postgres",
    credential: "DB",
    tls: "off",
    connections_max: 8
  })
  const [one, two] = await Promise.all(
    [1, 2].map(() => opened(postgresState.layer(config, { directory: "/" }).pipe(Layer.provide(secrets))))
  )
  const operator = new pg.Pool({ host: "127.0.0.1", port: server.port, user: "postgres", database: "postgres", max: 1 })
  operator.on("error", () => {})
  return {
    gateways: [one!.state, two!.state],
    cut: async () => {
      await operator.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sluice state'"
      )
    },
    close: async () => {
      await operator.end()
      await Promise.all([one!.close(), two!.close()])
      await server.stop()
    }
  }
}

export const realStates: Readonly<Record<"sqlite" | "postgres", () => Promise<RealStates>>> = {
  sqlite: onSqlite,
  postgres: onPostgres
}
