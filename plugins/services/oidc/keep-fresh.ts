import * as Effect from "effect/Effect"
import type { KeyFeed } from "./key-feed.ts"
import { fingerprint } from "./key-source.ts"

const REFRESH_MILLISECONDS_MAX = 300_000
const RETRY_MILLISECONDS_MAX = 30_000
const FILE_LOOK_MILLISECONDS = 500

/** Looks at an issuer's keys for ever: every five minutes, and after a failure in 1, 2, 4 … 30 seconds. */
export const keepFetched = (feed: KeyFeed, keepMilliseconds: number): Effect.Effect<never> =>
  Effect.gen(function*() {
    let failures = 0
    for (;;) {
      failures = (yield* feed.refresh) === undefined ? 0 : failures + 1
      yield* Effect.sleep(
        failures === 0
          ? Math.min(REFRESH_MILLISECONDS_MAX, keepMilliseconds / 2)
          : Math.min(RETRY_MILLISECONDS_MAX, 500 * 2 ** Math.min(failures, 10))
      )
    }
  })

/**
 * Looks at a file for ever: twice a second whether it was changed, and if so, or if the last look failed, at its keys.
 * A look at the clock's pace works on every file system, and for links that are swapped.
 */
export const keepRead = (feed: KeyFeed, path: string): Effect.Effect<never> =>
  Effect.gen(function*() {
    let seen = yield* fingerprint(path)
    let trouble: string | undefined
    for (;;) {
      yield* Effect.sleep(FILE_LOOK_MILLISECONDS)
      const now = yield* fingerprint(path)
      if (now === seen && trouble === undefined) continue
      trouble = yield* feed.refresh
      seen = now
    }
  })
