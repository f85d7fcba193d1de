import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type PluginError, pluginError, Secrets } from "../../core/index.ts"
import { keysIn, type MaskingConfig } from "./config.ts"

const BYTES_MIN = 16

/** Fetches the secrets that a file's masks are made with; fails when one is not to be had, or can be guessed. */
export const fetchKeys = (
  config: MaskingConfig
): Effect.Effect<ReadonlyMap<string, Uint8Array>, PluginError, Secrets> =>
  Effect.gen(function*() {
    const secrets = yield* Secrets
    const keys = new Map<string, Uint8Array>()
    for (const name of keysIn(config)) {
      const bytes = Buffer.from(Redacted.value(yield* secrets.fetch(name)), "utf8")
      if (bytes.length < BYTES_MIN) {
        const remedy = "Make one with `openssl rand -hex 32`."
        return yield* Effect.fail(
          pluginError(
            "masking",
            `The secret ${name} is shorter than ${BYTES_MIN} bytes: no key to mask with. ${remedy}`
          )
        )
      }
      keys.set(name, bytes)
    }
    return keys
  })
