import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import { resolve } from "node:path"
import { defineService, type PluginError, pluginError, State } from "../../../core/index.ts"
import { openDatabase } from "./open-database.ts"
import { isBusy, isForeign, sqliteError } from "./sqlite-error.ts"
import { Store, StoreLimit } from "./store.ts"

/** How long an operation waits for other processes that use the same file. */
const PATIENCE_MILLISECONDS = 5000
const PAUSE_MILLISECONDS = 10

const SqliteConfig = Schema.Struct({
  path: Schema.NonEmptyString.annotate({
    description: "The file, relative to this one. Two more, `-wal` and `-shm`, stand beside it while it is open."
  })
}).annotate({ description: "State in one file, for one gateway and the commands on its machine." })

/** `use: sqlite`: state in one file, for one gateway and the commands on its machine. */
export const sqlite = defineService({
  name: "sqlite",
  config: SqliteConfig,
  provides: State,
  layer: (config, site) =>
    Layer.effect(
      State,
      Effect.gen(function*() {
        const path = resolve(site.directory, config.path)
        const database = yield* Effect.acquireRelease(
          patiently(path, () => openDatabase(path)),
          (open) => Effect.sync(() => open.close())
        )
        const store = yield* patiently(path, () => new Store(database))
        const writer = yield* Semaphore.make(1)
        return {
          read: (space, key) => patiently(path, () => store.read(space, key)),
          stamp: () => stampOf(store),
          list: (space, prefix) => patiently(path, () => store.list(space, prefix)),
          update: (space, key, change) =>
            Semaphore.withPermits(writer, 1)(patiently(path, () => store.update(space, key, change)))
        }
      })
    )
})
export default sqlite

/** Does `work` at once; while another process holds the file, again every few milliseconds, leaving this one to run. */
const patiently = <A>(path: string, work: () => A): Effect.Effect<A, PluginError> =>
  Effect.gen(function*() {
    const until = (yield* Clock.currentTimeMillis) + PATIENCE_MILLISECONDS
    for (;;) {
      try {
        return work()
      } catch (cause) {
        if (!isBusy(cause) || (yield* Clock.currentTimeMillis) >= until) return yield* Effect.fail(errorOf(path, cause))
      }
      yield* Effect.sleep(PAUSE_MILLISECONDS)
    }
  })

/** Undefined where the file cannot be asked now: then nothing that was read before may be relied on. */
const stampOf = (store: Store): number | undefined => {
  try {
    return store.stamp()
  } catch {
    return undefined
  }
}

const errorOf = (path: string, cause: unknown): PluginError => {
  if (cause instanceof StoreLimit) return pluginError("sqlite", `The state does not keep ${cause.message}.`)
  if (typeof cause === "object" && cause !== null && "_tag" in cause) return cause as PluginError
  return isForeign(cause)
    ? pluginError("sqlite", "An update of the state threw. Nothing was written.", cause)
    : sqliteError(path, cause)
}
