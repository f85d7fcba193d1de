import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type PluginError, pluginError } from "../../../../core/exchange/index.ts"
import type { Reader } from "../../../../core/protocol/index.ts"
import type { CatalogueSource } from "./source.ts"

/** Catalogues of a live upstream, one per database. */
export const liveCatalogues = (
  _reader: (database: string | undefined) => Effect.Effect<Reader, PluginError>
): Effect.Effect<
  (database: string | undefined) => Effect.Effect<CatalogueSource, PluginError>,
  PluginError,
  Scope.Scope
> => Effect.fail(pluginError("postgres", "A live catalogue cannot be read yet: hand in definitions instead."))
