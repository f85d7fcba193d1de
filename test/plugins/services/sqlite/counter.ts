import * as Effect from "effect/Effect"
import { DatabaseSync } from "node:sqlite"
import { parentPort, workerData } from "node:worker_threads"
import { State } from "../../../../core/index.ts"
import { sqlite } from "../../../../plugins/services/sqlite/index.ts"
import { isBusy } from "../../../../plugins/services/sqlite/sqlite-error.ts"

/** Counts up one entry from another thread, and reports each number it got. `torn` is the mutant: it reads unlocked. */
const { path, times, how } = workerData as { path: string; times: number; how: "service" | "torn" }

const counted = (current: string | undefined) => {
  const next = Number(current ?? 0) + 1
  return { next: String(next), result: next }
}

/**
 * SQLite's own waiting (`timeout`) is unfair: it looks for the lock ever less often, and two writers without a pause
 * can keep each other from it for longer than any patience.
 */
const persistently = (work: () => void): void => {
  for (;;) {
    try {
      return work()
    } catch (cause) {
      if (!isBusy(cause)) throw cause
    }
  }
}

const torn = (): Array<number> => {
  const database = new DatabaseSync(path)
  const read = database.prepare("select value from entry where space = 's' and key = 'k'")
  const write = database.prepare("insert or replace into entry (space, key, value) values ('s', 'k', ?)")
  const got: Array<number> = []
  for (let i = 0; i < times; i++) {
    const { next, result } = counted((read.get() as { value: string } | undefined)?.value)
    persistently(() => write.run(next))
    got.push(result)
  }
  database.close()
  return got
}

const locked = State.use((state) =>
  Effect.forEach(Array.from({ length: times }), () => state.update("s", "k", counted), { concurrency: 4 })
)

const got = how === "torn"
  ? torn()
  : await Effect.runPromise(Effect.provide(locked, sqlite.layer({ path }, { directory: "/" })))
parentPort!.postMessage(got, [])
