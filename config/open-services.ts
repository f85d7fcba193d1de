import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { openServices as openAll, type Plan, type PlannedService } from "../core/gateway/index.ts"
import { type PluginError, Policy } from "../core/index.ts"

interface Tag {
  readonly key: string
}

/** Of a plan's services, those that provide `tags`, and what they cannot do without. */
export const servicesFor = (plan: Plan, tags: ReadonlyArray<Tag>): ReadonlyArray<PlannedService> => {
  const wanted = new Set(tags.map(({ key }) => key))
  const found = new Set<PlannedService>()
  for (;;) {
    const more = plan.services.filter((one) => wanted.has(one.service.provides.key) && !found.has(one))
    if (more.length === 0) return plan.services.filter((one) => found.has(one))
    for (const one of more) {
      found.add(one)
      for (const { key } of one.service.requires ?? []) wanted.add(key)
    }
  }
}

/**
 * Opens some services of a plan beside the gateway, as the gateway would: each after those that it builds on, which it
 * finds. They close with the scope.
 */
export const openServices = (
  plan: Plan,
  services: ReadonlyArray<PlannedService>
): Effect.Effect<Context.Context<any>, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const provided = Context.make(Policy, { current: () => plan.policy }) as Context.Context<any>
    return (yield* openAll(services, undefined, provided, yield* Effect.scope)).context as Context.Context<any>
  })
