import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import { Agent } from "undici"
import { defineService, OwnIssuer, type PluginError, pluginError, Tokens } from "../../../core/index.ts"
import { ALGORITHMS } from "./algorithms.ts"
import { type IssuerConfig, issuersOf, OidcConfig } from "./config.ts"
import { keepFetched, keepRead } from "./keep-fresh.ts"
import { makeKeyFeed } from "./key-feed.ts"
import { fromAddress, fromDiscovery, fromFile, type KeySource } from "./key-source.ts"
import { makeVerifier, type Trust } from "./verifier.ts"

/** `use: oidc`: verifies the tokens of one or several OpenID Connect issuers. */
export const oidc = defineService({
  name: "oidc",
  config: OidcConfig,
  provides: Tokens,
  // Nothing is asked of it: its keys must be in their file before they are read here.
  uses: [OwnIssuer],
  layer: (config, site) => {
    const issuers = issuersOf(config)
    return Layer.effect(
      Tokens,
      Effect.gen(function*() {
        const trusts = yield* Effect.forEach(issuers, (issuer) => openTrust(issuer, site.directory))
        return { issuers: issuers.map(({ issuer }) => issuer), verify: makeVerifier(trusts) }
      })
    )
  }
})
export default oidc

/** A file must be good at the start; an address need not answer yet: logins are refused until it does. */
const openTrust = (config: IssuerConfig, directory: string): Effect.Effect<Trust, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const file = config.jwks_file === undefined ? undefined : resolve(directory, config.jwks_file)
    const keepMilliseconds = file === undefined ? (config.keys_keep_seconds ?? 3600) * 1000 : Infinity
    const feed = yield* makeKeyFeed({
      issuer: config.issuer,
      source: file === undefined ? yield* remoteSource(config, directory) : fromFile(file),
      keepMilliseconds,
      betweenMilliseconds: file === undefined ? (config.keys_refetch_seconds ?? 30) * 1000 : 100
    })
    if (file === undefined) {
      yield* Effect.forkScoped(keepFetched(feed, keepMilliseconds), { startImmediately: true })
    } else {
      yield* feed.refresh
      const keys = yield* feed.current
      if (keys.size === 0) {
        return yield* Effect.fail(
          pluginError("oidc", `${file} has no usable key: ${keys.dropped.join("; ") || "it is empty"}.`)
        )
      }
      yield* Effect.forkScoped(keepRead(feed, file))
    }
    return {
      expected: expectedOf(config),
      algorithms: new Set(config.algorithms ?? ALGORITHMS.keys()),
      types: typesOf(config),
      feed
    }
  })

const typesOf = (config: IssuerConfig): ReadonlySet<string> =>
  new Set(
    (config.types ?? (config.issuer.startsWith("spiffe://") ? ["JWT", "JOSE"] : ["JWT", "at+jwt"])).map((type) =>
      type.toLowerCase().replace(/^application\//, "")
    )
  )

const expectedOf = (config: IssuerConfig): Trust["expected"] => ({
  issuer: config.issuer,
  audiences: typeof config.audience === "string" ? [config.audience] : config.audience,
  skewSeconds: config.clock_skew_seconds ?? 30,
  clients: config.clients,
  lifetimeSecondsMax: config.lifetime_seconds_max
})

const remoteSource = (config: IssuerConfig, directory: string): Effect.Effect<KeySource, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const authority = config.authority_file
    const ca = authority === undefined ? undefined : yield* Effect.tryPromise({
      try: () => readFile(resolve(directory, authority), "utf8"),
      catch: () =>
        pluginError("oidc", `authority_file ${authority} cannot be read. Give the PEM of the issuer's authority.`)
    })
    const milliseconds = (config.fetch_timeout_seconds ?? 5) * 1000
    const dispatcher = yield* Effect.acquireRelease(
      Effect.sync(() =>
        new Agent({ connect: { timeout: milliseconds, ...(ca === undefined ? {} : { ca }) }, connections: 2 })
      ),
      (agent) => Effect.promise(() => agent.destroy())
    )
    return config.jwks_uri === undefined
      ? fromDiscovery(config.issuer, { milliseconds, dispatcher })
      : fromAddress(config.jwks_uri, { milliseconds, dispatcher })
  })
