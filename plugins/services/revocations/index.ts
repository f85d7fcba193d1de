import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { resolve } from "node:path"
import { Agent } from "undici"
import { defineService, type PluginError, pluginError, Revocations, Secrets, State } from "../../../core/index.ts"
import { type IntrospectionConfig, RevocationsConfig } from "./config.ts"
import { isActive } from "./introspection.ts"
import { fromFile, fromState, type Source } from "./source.ts"
import { Watch, type WatchOptions } from "./watch.ts"

export { Revocation, REVOCATION_SPACE, RevocationList, takesBack } from "./entry.ts"

/** `use: revocations`: what was taken back in the state, in a file, and at the issuer. There without being declared. */
export const revocations = defineService({
  name: "revocations",
  config: RevocationsConfig,
  provides: Revocations,
  uses: [State, Secrets],
  layer: (config, site) =>
    Layer.effect(
      Revocations,
      Effect.gen(function*() {
        const state = yield* Effect.serviceOption(State)
        const sources: ReadonlyArray<Source> = [
          ...Option.match(state, { onNone: () => [], onSome: (one) => [fromState(one)] }),
          ...(config.list_file === undefined ? [] : [fromFile(resolve(site.directory, config.list_file))])
        ]
        const { introspection } = config
        const watch = new Watch({
          sources,
          isActive: introspection === undefined ? undefined : yield* asker(introspection),
          askMilliseconds: introspection?.every_milliseconds ?? 500,
          staleMilliseconds: config.stale_seconds * 1000,
          now: () => performance.now()
        })
        yield* watch.look.pipe(Effect.mapError((reason) => pluginError("revocations", `${reason}.`)))
        if (sources.length > 0) yield* Effect.forkScoped(watch.lookForEver, { startImmediately: true })
        yield* Effect.forkScoped(watch.askForEver, { startImmediately: true })
        return { check: (proof) => watch.check(proof), watch: (proof, end) => watch.watch(proof, end) }
      })
    )
})
export default revocations

const asker = (
  config: IntrospectionConfig
): Effect.Effect<NonNullable<WatchOptions["isActive"]>, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const secrets = yield* Effect.serviceOption(Secrets)
    if (Option.isNone(secrets)) {
      return yield* Effect.fail(
        pluginError("revocations", "introspection needs a secrets service for its credential. Add one under services:.")
      )
    }
    const milliseconds = config.timeout_seconds * 1000
    const dispatcher = yield* Effect.acquireRelease(
      Effect.sync(() => new Agent({ connect: { timeout: milliseconds }, connections: 16 })),
      (agent) => Effect.promise(() => agent.destroy())
    )
    const credential = Effect.flatMap(secrets.value.fetch(config.credential), (secret) =>
      Redacted.value(secret).includes(":")
        ? Effect.succeed(secret)
        : Effect.fail(pluginError("revocations", `The secret ${config.credential} is not of the form client:secret.`)))
    return (token) =>
      isActive(token, { endpoint: config.endpoint, credential, milliseconds, dispatcher })
  })
