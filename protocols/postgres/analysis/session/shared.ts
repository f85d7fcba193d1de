import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Cache } from "../cache.ts"
import type { Snapshot } from "../catalogue/snapshot.ts"
import type { Examined } from "../examine.ts"
import { skeletonOf } from "../skeleton.ts"
import { usualBounds } from "./bounds.ts"
import { LargeTexts } from "./large-texts.ts"
import { Turn } from "./turn.ts"

/** The most texts whose findings are kept, for each snapshot. */
const cachedTextsMax = 10_000
/** Longer texts rarely come twice, and would fill memory. In UTF-16 units. */
const cachedCharactersMax = 16_384

/** Of longer ones, the last few are kept: a prepared statement is analysed again when it is bound and run. */
const cachedLongTextsMax = 16

/** Before the key of a skeleton: no text starts so, because a NUL is refused. */
const SKELETON = "\0"

/** What all sessions of a pipeline share: findings that hang on nothing but the text and the catalogue. */
export class Shared {
  readonly #caches = new WeakMap<Snapshot, Cache<Examined>>()
  readonly #long = new Cache<{ readonly snapshot: Snapshot; readonly examined: Examined }>(cachedLongTextsMax)
  readonly turn: Turn

  /** Where texts go that would hold up everyone else. */
  readonly large: LargeTexts

  static open(bounds = usualBounds): Effect.Effect<Shared, never, Scope.Scope> {
    return Effect.map(LargeTexts.open, (large) => new Shared(large, bounds))
  }

  constructor(large: LargeTexts, bounds = usualBounds) {
    this.turn = new Turn(bounds)
    this.large = large
  }

  /** What is known of a text, or of one that differs from it in values only. */
  find(snapshot: Snapshot, text: string): Examined | undefined {
    if (text.length > cachedCharactersMax) {
      const long = this.#long.find(text)
      return long?.snapshot === snapshot ? long.examined : undefined
    }
    const cache = this.#caches.get(snapshot)
    if (cache === undefined) return undefined
    const known = cache.find(text)
    if (known !== undefined) return known
    const skeleton = skeletonOf(text)
    return skeleton === undefined ? undefined : cache.find(SKELETON + skeleton)
  }

  keep(snapshot: Snapshot, text: string, examined: Examined): void {
    if (examined.sessional) return
    if (text.length > cachedCharactersMax) return this.#long.keep(text, { snapshot, examined })
    let cache = this.#caches.get(snapshot)
    if (cache === undefined) this.#caches.set(snapshot, cache = new Cache(cachedTextsMax))
    // What has consequences holds the statement itself, values and all.
    const skeleton = examined.consequences.length === 0 ? skeletonOf(text) : undefined
    cache.keep(skeleton === undefined ? text : SKELETON + skeleton, examined)
  }
}
