import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type PluginError, pluginError } from "../../../core/exchange/index.ts"
import type { Sql } from "../../../core/family/sql/index.ts"
import type { Analysis, Definitions } from "../../../core/protocol/index.ts"
import { declaredSnapshot } from "./catalogue/declared.ts"
import { liveCatalogues } from "./catalogue/live.ts"
import type { CatalogueSource } from "./catalogue/source.ts"
import { loadParser } from "./parse/parser.ts"
import { usualBounds } from "./session/bounds.ts"
import { SessionAnalyser } from "./session/session-analyser.ts"
import { Shared } from "./session/shared.ts"
import { pinnedSettings } from "./settings.ts"
import { Unresolved } from "./unresolved.ts"
import { warm } from "./warm.ts"

/**
 * Says what statements touch, in the catalogue of a live upstream or of a text of definitions. One per pipeline; its
 * caches, connections and threads close with the scope.
 */
export const analysis = (
  _config: unknown,
  definitions: Definitions,
  bounds = usualBounds
): Effect.Effect<Analysis<Sql>, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    yield* loadParser
    yield* Effect.sync(warm)
    const sourceOf = definitions._tag === "Live"
      ? yield* liveCatalogues(definitions.reader)
      : yield* Effect.map(declaredSource(definitions.text), (source) => () => Effect.succeed(source))
    const shared = yield* Shared.open(bounds)
    return {
      open: (session, database) =>
        Effect.map(sourceOf(database), (source) => new SessionAnalyser(source, shared, session.peer.address))
    }
  })

/** A catalogue that does not change by itself. */
const declaredSource = (text: string): Effect.Effect<CatalogueSource, PluginError> =>
  Effect.try({
    try: (): CatalogueSource => {
      const snapshot = declaredSnapshot(text)
      return {
        fresh: () => snapshot,
        refreshed: Effect.succeed(snapshot),
        moved: () => {},
        live: false,
        major: undefined,
        settings: pinnedSettings(snapshot.path)
      }
    },
    catch: (cause) =>
      pluginError(
        "postgres",
        `The definitions cannot be used: ${cause instanceof Unresolved ? cause.message : "they are not understood"}. `
          + "Write them with pg_dump --schema-only, and leave out what this names.",
        cause instanceof Unresolved ? undefined : cause
      )
  })
