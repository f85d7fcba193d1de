import * as Effect from "effect/Effect"
import { readFile, stat } from "node:fs/promises"
import type { Dispatcher } from "undici"
import { discoveryAddress, isSafeAddress } from "./address.ts"
import { fetchText } from "./fetch-text.ts"
import { parseObject } from "./strict-json.ts"

/** The text of a JWK set, as it is now, or why it cannot be had. */
export type KeySource = Effect.Effect<string, string>

export interface FetchOptions {
  readonly milliseconds: number
  readonly dispatcher: Dispatcher
}

/** Keys from a given address. */
export const fromAddress = (address: string, options: FetchOptions): KeySource => fetchText(address, options)

/**
 * Keys from where the issuer's discovery document says. The document must name the issuer exactly as the operator does
 * (OpenID Connect Discovery 1.0, 4.3): otherwise one issuer could hand in another's keys.
 */
export const fromDiscovery = (issuer: string, options: FetchOptions): KeySource => {
  const address = discoveryAddress(issuer)
  return fetchText(address, options).pipe(
    Effect.flatMap((text) => {
      const document = parseObject(text)
      if (document?.["issuer"] !== issuer) return Effect.fail(`${address}: it does not describe the issuer ${issuer}`)
      const keys = document["jwks_uri"]
      if (
        typeof keys !== "string" || !isSafeAddress(keys) || (issuer.startsWith("https:") && keys.startsWith("http:"))
      ) {
        return Effect.fail(`${address}: its \`jwks_uri\` is missing or not https`)
      }
      return fetchText(keys, options)
    })
  )
}

const FILE_BYTES_MAX = 262_144

/** Keys from a file. */
export const fromFile = (path: string): KeySource =>
  Effect.tryPromise({
    try: async () => {
      if ((await stat(path)).size > FILE_BYTES_MAX) throw new Error("longer than 256 KiB")
      return await readFile(path, "utf8")
    },
    catch: (cause) =>
      `${path}: ${cause instanceof Error ? (cause as { code?: string }).code ?? cause.message : "unreadable"}`
  })

/** What tells whether a file was changed: undefined while there is none. */
export const fingerprint = (path: string): Effect.Effect<string | undefined> =>
  Effect.promise(() =>
    stat(path, { bigint: true }).then(
      ({ ino, size, mtimeNs, ctimeNs }) => `${ino} ${size} ${mtimeNs} ${ctimeNs}`,
      () => undefined
    )
  )
