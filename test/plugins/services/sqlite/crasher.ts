import * as Effect from "effect/Effect"
import { writeSync } from "node:fs"
import { State } from "../../../../core/index.ts"
import { sqlite } from "../../../../plugins/services/sqlite/index.ts"

/** Updates without end, and says each number once it was answered. Someone kills it. */
const path = process.argv[2]!

const work = State.use((state) =>
  Effect.forever(
    Effect.flatMap(
      state.update("s", "k", (current) => {
        const next = Number(current ?? 0) + 1
        return { next: String(next), result: next }
      }),
      (done) => Effect.sync(() => writeSync(1, `${done}\n`))
    )
  )
)
await Effect.runPromise(Effect.provide(work, sqlite.layer({ path }, { directory: "/" })))
