import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type PluginError, pluginError } from "../../../core/index.ts"
import { type KeySet, readKeySet } from "./key-set.ts"
import type { KeySource } from "./key-source.ts"

export interface FeedOptions {
  readonly issuer: string
  readonly source: KeySource
  /** How long keys serve after they were last had. */
  readonly keepMilliseconds: number
  /** The least time between two looks that unknown keys cause. */
  readonly betweenMilliseconds: number
}

/** One issuer's keys over time. */
export interface KeyFeed {
  /** The keys that may be used now; waits when the first are on their way. Fails, with why, when there are none. */
  readonly current: Effect.Effect<KeySet, PluginError>
  /** A token names a key that is not among them: looks again, unless that was done a moment ago. */
  readonly again: Effect.Effect<void>
  /** Looks now. Answers what went wrong. However many ask, one look runs at a time. */
  readonly refresh: Effect.Effect<string | undefined>
}

/**
 * Keeps one issuer's keys.
 *
 * A look that fails, or finds what is no key set, leaves the last good keys in place until `keepMilliseconds` have
 * passed since they were last had; then there are none, and nobody gets in. A look that succeeds replaces them at once,
 * so a key that the issuer withdrew is gone. Looks run in the feed's own scope: whoever asked for one may give up
 * waiting, and the others still get it.
 */
export const makeKeyFeed = (options: FeedOptions): Effect.Effect<KeyFeed, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => {
    let keys: KeySet | undefined
    let text = ""
    let hadAt = 0
    let lookedAt = -Infinity
    let trouble: string | undefined
    let looking: Deferred.Deferred<void> | undefined

    const look = Effect.gen(function*() {
      lookedAt = yield* Clock.currentTimeMillis
      const found = yield* Effect.result(options.source)
      const read = found._tag === "Failure" ? undefined : found.success === text ? keys : readKeySet(found.success)
      if (read === undefined) {
        const why = found._tag === "Failure" ? found.failure : "what was found is no set of keys (JWKS)"
        if (why !== trouble) yield* Effect.logWarning(`Keys of ${options.issuer}: ${why}`)
        trouble = why
        return
      }
      trouble = undefined
      hadAt = yield* Clock.currentTimeMillis
      if (read === keys || found._tag === "Failure") return
      keys = read
      text = found.success
      yield* Effect.logInfo(`Keys of ${options.issuer}: ${keys.size} in use`)
      if (keys.dropped.length > 0) {
        yield* Effect.logWarning(`Keys of ${options.issuer}: not used: ${keys.dropped.join("; ")}`)
      }
    })
    const refresh = Effect.suspend(() => {
      if (looking === undefined) {
        const done = Deferred.makeUnsafe<void>()
        looking = done
        const finish = Effect.sync(() => {
          looking = undefined
          Deferred.doneUnsafe(done, Effect.void)
        })
        return Effect.forkIn(Effect.ensuring(look, finish), scope, { startImmediately: true }).pipe(
          Effect.andThen(Deferred.await(done)),
          Effect.map(() => trouble)
        )
      }
      return Effect.map(Deferred.await(looking), () => trouble)
    })
    const now = Effect.map(Clock.currentTimeMillis, (at) => {
      return keys !== undefined && at - hadAt <= options.keepMilliseconds ? keys : undefined
    })
    const none = Effect.suspend(() =>
      Effect.fail(pluginError("oidc", `There are no usable keys of ${options.issuer}: ${trouble ?? "none yet"}.`))
    )
    return {
      refresh,
      current: Effect.flatMap(now, (usable) => {
        if (usable !== undefined) return Effect.succeed(usable)
        if (looking === undefined) return none
        return Effect.flatMap(
          Effect.andThen(Deferred.await(looking), now),
          (k) => k === undefined ? none : Effect.succeed(k)
        )
      }),
      again: Effect.flatMap(
        Clock.currentTimeMillis,
        (at) =>
          looking === undefined && at - lookedAt < options.betweenMilliseconds ? Effect.void : Effect.asVoid(refresh)
      )
    }
  })
