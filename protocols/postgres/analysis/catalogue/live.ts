import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { type PluginError, pluginError } from "../../../../core/exchange/index.ts"
import type { Reader } from "../../../../core/protocol/index.ts"
import { pinnedSettings } from "../settings.ts"
import { type Loaded, loadSnapshot } from "./loader.ts"
import { fingerprintQuery } from "./queries.ts"
import type { Snapshot } from "./snapshot.ts"
import type { CatalogueSource } from "./source.ts"

/** How often the fingerprint is asked for while anyone uses the catalogue, in milliseconds. */
const pollEvery = 1000
/** How old a fingerprint may be before statements wait for a new one. */
const freshFor = 2000
/** After this long without a statement the upstream is left alone; the next one waits for a new look. */
const idleAfter = 30_000

/** Catalogues of a live upstream: one per database, opened when the first session asks for it. */
export const liveCatalogues = (
  reader: (database: string | undefined) => Effect.Effect<Reader, PluginError>
): Effect.Effect<
  (database: string | undefined) => Effect.Effect<CatalogueSource, PluginError>,
  PluginError,
  Scope.Scope
> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const opened = new Map<string, Deferred.Deferred<CatalogueSource, PluginError>>()
    return (database) =>
      Effect.suspend(() => {
        const key = database ?? ""
        const known = opened.get(key)
        if (known !== undefined) return Deferred.await(known)
        const source = Deferred.makeUnsafe<CatalogueSource, PluginError>()
        opened.set(key, source)
        return Scope.provide(openCatalogue(reader(database)), scope).pipe(
          Effect.onExit((exit) => {
            // A failure is not kept: the next session tries again.
            if (Exit.isFailure(exit)) opened.delete(key)
            return Deferred.done(source, exit)
          })
        )
      })
  })

const openCatalogue = (
  connect: Effect.Effect<Reader, PluginError>
): Effect.Effect<CatalogueSource, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const catalogue = new LiveCatalogue(yield* connect)
    yield* catalogue.look
    yield* Effect.forkScoped(
      Effect.suspend(() => catalogue.used() ? Effect.ignore(catalogue.look) : Effect.void).pipe(
        Effect.repeat(Schedule.spaced(pollEvery))
      )
    )
    return catalogue
  })

/**
 * One database's catalogue, read again whenever its fingerprint moves. Looks are shared: whoever asks while one is
 * under way waits for the *next* one, since what it asks about may have happened after the first began.
 */
class LiveCatalogue implements CatalogueSource {
  readonly live = true
  readonly #reader: Reader
  #loaded: Loaded | undefined
  #fingerprint: string | undefined
  #version = 0
  #lookedAt = -Infinity
  #usedAt = -Infinity
  #movedAt = -Infinity
  #running: Deferred.Deferred<Snapshot, PluginError> | undefined
  #next: Deferred.Deferred<Snapshot, PluginError> | undefined

  constructor(reader: Reader) {
    this.#reader = reader
  }

  get major(): number | undefined {
    return this.#loaded?.major
  }

  get settings(): ReadonlyMap<string, string> {
    return pinnedSettings(this.#loaded?.snapshot.path ?? [])
  }

  used(): boolean {
    return performance.now() - this.#usedAt < idleAfter
  }

  fresh(): Snapshot | undefined {
    const now = performance.now()
    this.#usedAt = now
    return now - this.#lookedAt < freshFor && this.#lookedAt > this.#movedAt ? this.#loaded?.snapshot : undefined
  }

  moved(): void {
    this.#movedAt = performance.now()
  }

  readonly refreshed: Effect.Effect<Snapshot, PluginError> = Effect.suspend(() => this.look)

  readonly look: Effect.Effect<Snapshot, PluginError> = Effect.suspend(() => {
    this.#usedAt = performance.now()
    if (this.#running === undefined) return this.#run()
    const next = this.#next ??= Deferred.makeUnsafe<Snapshot, PluginError>()
    return Deferred.await(next)
  })

  #run(): Effect.Effect<Snapshot, PluginError> {
    return Effect.suspend(() => {
      const mine = this.#running = Deferred.makeUnsafe<Snapshot, PluginError>()
      return this.#read.pipe(
        Effect.onExit((exit) =>
          Effect.suspend(() => {
            this.#running = undefined
            const next = this.#next
            this.#next = undefined
            const waiting = next === undefined
              ? Effect.void
              : Effect.forkDetach(this.#run().pipe(Effect.onExit((later) => Deferred.done(next, later)), Effect.ignore))
            return Effect.andThen(Deferred.done(mine, exit), waiting)
          })
        )
      )
    })
  }

  readonly #read: Effect.Effect<Snapshot, PluginError> = Effect.gen({ self: this }, function*() {
    const began = performance.now()
    const fingerprint = yield* this.#ask()
    if (this.#loaded === undefined || fingerprint !== this.#fingerprint) yield* this.#load(fingerprint)
    this.#lookedAt = began
    return this.#loaded!.snapshot
  })

  /** Reads everything between two equal fingerprints, so that what is kept belongs to one time. */
  #load(first: string): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      let before = first
      for (let attempt = 0; attempt < 5; attempt++) {
        const loaded = yield* loadSnapshot(this.#reader, ++this.#version)
        const after = yield* this.#ask()
        if (after === before) {
          this.#loaded = loaded
          this.#fingerprint = after
          return
        }
        before = after
      }
      yield* Effect.fail(
        pluginError("postgres", "The upstream's definitions change faster than they can be read. Try again later.")
      )
    })
  }

  #ask(): Effect.Effect<string, PluginError> {
    return Effect.map(this.#reader.query(fingerprintQuery), ([row]) => row?.["fingerprint"] ?? "")
  }
}
