import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Plan } from "../core/gateway/plan.ts"
import { type PluginError, Policy } from "../core/index.ts"

/** Opens, for a command, those services of a plan that provide `tags`, and what they build on; nothing else of it. */
export const openServices = (
  plan: Plan,
  tags: ReadonlyArray<Context.Key<any, any>>
): Effect.Effect<Context.Context<never>, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    let context: Context.Context<any> = Context.make(Policy, { current: () => plan.policy })
    const wanted = new Set(tags.map(({ key }) => key))
    const services = plan.services.filter(({ service }) => wanted.has(service.provides.key))
    const below = new Set(services.flatMap(({ service }) => (service.requires ?? []).map(({ key }) => key)))
    const first = plan.services.filter((one) => below.has(one.service.provides.key) && !services.includes(one))
    for (const { config, service, site } of [...first, ...services]) {
      const built = yield* Effect.provideContext(Layer.build(service.layer(config, site)), context)
      context = Context.merge(context, built)
    }
    return context as Context.Context<never>
  })
