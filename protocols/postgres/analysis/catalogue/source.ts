import type * as Effect from "effect/Effect"
import type { PluginError } from "../../../../core/exchange/index.ts"
import type { Snapshot } from "./snapshot.ts"

/** Where sessions learn what names mean now. */
export interface CatalogueSource {
  /** The snapshot, as long as it is known to be fresh; undefined when `refreshed` must be awaited first. */
  readonly fresh: () => Snapshot | undefined
  /** Looks again, beginning no earlier than now, and answers with what it then is. */
  readonly refreshed: Effect.Effect<Snapshot, PluginError>
  /** A session has changed definitions: nobody goes by what was known until now. */
  readonly moved: () => void
  /** Whether what sessions define will be found by looking again. */
  readonly live: boolean
  /** The upstream's major version, if known: the grammar is PostgreSQL 18's. */
  readonly major: number | undefined
  /** Settings to be pinned so that names mean in the session what they mean here. */
  readonly settings: ReadonlyMap<string, string>
}
