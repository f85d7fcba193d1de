import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { PluginError } from "../../exchange/index.ts"

/** Fetches what the file only names. Values are redacted: they print as `<redacted>`. */
export class Secrets extends Context.Service<Secrets, {
  readonly fetch: (name: string) => Effect.Effect<Redacted.Redacted, PluginError>
}>()("sluice/services/Secrets") {}
