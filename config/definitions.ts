import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { readFileSync } from "node:fs"
import type { PipelinePlan, Plan } from "../core/gateway/index.ts"
import { parseCredential, type PluginError, pluginError, Readers, Secrets } from "../core/index.ts"
import type { Definitions, Reader } from "../core/protocol/index.ts"
import { openServices, servicesFor } from "./open-services.ts"

/** What dialling an upstream needs of a plan's services. */
export const dialling = [Readers, Secrets] as const

/** Names as a file of definitions says. */
export const declared = (path: string): Effect.Effect<Definitions, PluginError> =>
  Effect.try({
    try: (): Definitions => ({ _tag: "Declared", text: readFileSync(path, "utf8") }),
    catch: () => pluginError("explain", `There is no file ${path}.`)
  })

/** Names as the pipeline's own upstream says, asked with the gateway's credential. */
export const live = (
  pipeline: PipelinePlan,
  services: Context.Context<any>
): Effect.Effect<Extract<Definitions, { _tag: "Live" }>, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const { host, port, tls, authority, credential: { catalogue: secret }, database: fixed } = pipeline.upstream
    const reader = (database: string | undefined) =>
      Effect.gen(function*() {
        const secrets = yield* Secrets
        const readers = yield* Readers
        const credential = parseCredential(Redacted.value(yield* secrets.fetch(secret)))
        if (credential === undefined) {
          return yield* Effect.fail(pluginError("explain", `The secret ${secret} is not of the form user:password.`))
        }
        const pem = authority === undefined ? undefined : readFileSync(authority, "utf8")
        return yield* readers.open({ host, port, tls, authority: pem, database: fixed ?? database, credential })
      }).pipe(Scope.provide(scope), Effect.provideContext(services)) as Effect.Effect<any, PluginError>
    return { _tag: "Live", reader }
  })

/** A connection of one's own to a pipeline's upstream, with the gateway's credential. Closes with the scope. */
export const openReader = (
  plan: Plan,
  pipeline: PipelinePlan,
  database: string
): Effect.Effect<Reader, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const definitions = yield* live(pipeline, yield* openServices(plan, servicesFor(plan, dialling)))
    return yield* definitions.reader(database)
  })
