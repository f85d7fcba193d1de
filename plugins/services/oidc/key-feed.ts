import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
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

/** What a feed knows. Times are milliseconds of a clock that only runs forward. */
interface Held {
  keys: KeySet | undefined
  text: string
  hadAt: number
  lookedAt: number
  trouble: string | undefined
  looking: Deferred.Deferred<void> | undefined
}

const clock = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1_000_000n))

/**
 * Keeps one issuer's keys.
 *
 * A look that fails, or finds what is no key set, leaves the last good keys in place until `keepMilliseconds` have
 * passed since they were last had; then there are none, and nobody gets in. A look that succeeds replaces them at once,
 * so a key that the issuer withdrew is gone. Looks run in the feed's own scope and context: whoever asked for one may
 * give up waiting, and the others still get it.
 */
export const makeKeyFeed = (options: FeedOptions): Effect.Effect<KeyFeed, never, Scope.Scope> =>
  Effect.map(Effect.context<Scope.Scope>(), (context) => {
    const held: Held = {
      keys: undefined,
      text: "",
      hadAt: 0,
      lookedAt: -Infinity,
      trouble: undefined,
      looking: undefined
    }
    const start = (): Effect.Effect<Deferred.Deferred<void>> => {
      const done = Deferred.makeUnsafe<void>()
      held.looking = done
      const finish = Effect.sync(() => {
        held.looking = undefined
        Deferred.doneUnsafe(done, Effect.void)
      })
      const looking = Effect.provideContext(Effect.ensuring(look(options, held), finish), context)
      return Effect.as(Effect.forkIn(looking, Context.get(context, Scope.Scope), { startImmediately: true }), done)
    }
    const refresh = Effect.suspend(() => held.looking === undefined ? start() : Effect.succeed(held.looking)).pipe(
      Effect.flatMap((looking) => Deferred.await(looking)),
      Effect.map(() => held.trouble)
    )
    const usable = Effect.flatMap(
      clock,
      (now) =>
        held.keys !== undefined && now - held.hadAt <= options.keepMilliseconds
          ? Effect.succeed(held.keys)
          : Effect.fail(
            pluginError("oidc", `There are no usable keys of ${options.issuer}: ${held.trouble ?? "none yet"}.`)
          )
    )
    return {
      refresh,
      current: usable.pipe(
        Effect.catch((none) =>
          held.looking === undefined ? Effect.fail(none) : Effect.andThen(Deferred.await(held.looking), usable)
        )
      ),
      again: Effect.flatMap(
        clock,
        (now) =>
          held.looking === undefined && now - held.lookedAt < options.betweenMilliseconds
            ? Effect.void
            : Effect.asVoid(refresh)
      )
    }
  })

/** One look: takes what the source has, or notes why not. */
const look = ({ issuer, source }: FeedOptions, held: Held): Effect.Effect<void> =>
  Effect.gen(function*() {
    held.lookedAt = yield* clock
    const found = yield* Effect.result(source)
    if (found._tag === "Failure") {
      yield* note(issuer, held, found.failure)
      return
    }
    const keys = found.success === held.text ? held.keys : readKeySet(found.success)
    if (keys === undefined) {
      yield* note(issuer, held, "what was found is no set of keys (JWKS)")
      return
    }
    held.trouble = undefined
    held.hadAt = yield* clock
    if (keys === held.keys) return
    held.keys = keys
    held.text = found.success
    yield* Effect.logInfo(`Keys of ${issuer}: ${keys.size} in use`)
    if (keys.dropped.length > 0) yield* Effect.logWarning(`Keys of ${issuer}: not used: ${keys.dropped.join("; ")}`)
  })

/** Logs trouble once, not every time it is met again. */
const note = (issuer: string, held: Held, trouble: string): Effect.Effect<void> => {
  const known = trouble === held.trouble
  held.trouble = trouble
  return known ? Effect.void : Effect.logWarning(`Keys of ${issuer}: ${trouble}`)
}
