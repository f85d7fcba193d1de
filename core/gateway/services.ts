import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { isDeepStrictEqual } from "node:util"
import { type PluginError, pluginError } from "../exchange/index.ts"
import type { PlannedService } from "./plan.ts"

/** A service that runs, with the scope that ends it. */
interface Running {
  readonly planned: PlannedService
  readonly context: Context.Context<never>
  readonly scope: Scope.Closeable
}

/** Services as one plan wants them. `opened` are those that this plan was the first to want. */
export interface ServiceSet {
  readonly context: Context.Context<never>
  readonly running: ReadonlyArray<Running>
  readonly opened: ReadonlyArray<Running>
}

/**
 * Opens what `planned` wants and `before` does not have: a service whose options did not change lives on, so that a
 * reload neither forgets keys nor closes files, unless one that it builds on does not. When one fails, those opened for
 * its sake are closed again.
 */
export const openServices = (
  planned: ReadonlyArray<PlannedService>,
  before: ServiceSet | undefined,
  provided: Context.Context<never>,
  scope: Scope.Scope
): Effect.Effect<ServiceSet, PluginError> =>
  Effect.suspend(() => {
    const opened: Array<Running> = []
    const open = Effect.gen(function*() {
      const running: Array<Running> = []
      let context = provided
      for (const service of inOrder(planned)) {
        const kept = opened.some(({ planned }) => buildsOn(service, planned))
          ? undefined
          : before?.running.find((candidate) => same(candidate.planned, service))
        const now = kept ?? (yield* openService(service, context, scope))
        if (kept === undefined) opened.push(now)
        running.push(now)
        context = Context.merge(context, now.context)
      }
      return { context, running, opened }
    })
    return Effect.onError(open, () => closeServices(opened))
  })

/** Ends services, the last opened first. */
export const closeServices = (running: ReadonlyArray<Running>): Effect.Effect<void> =>
  Effect.forEach(running.toReversed(), ({ scope }) => Scope.close(scope, Exit.void), { discard: true })

/** What `before` had and `now` has not. */
export const droppedServices = (before: ServiceSet, now: ServiceSet): ReadonlyArray<Running> =>
  before.running.filter((service) => !now.running.includes(service))

/** Each after those that it builds on; otherwise as they were. One that goes round in circles comes last, and fails. */
const inOrder = (planned: ReadonlyArray<PlannedService>): ReadonlyArray<PlannedService> => {
  const ordered: Array<PlannedService> = []
  let left = planned
  while (left.length > 0) {
    const ready = left.filter((one) => !left.some((other) => other !== one && buildsOn(one, other)))
    ordered.push(...(ready.length > 0 ? ready : left))
    left = ready.length > 0 ? left.filter((one) => !ready.includes(one)) : []
  }
  return ordered
}

const buildsOn = ({ service }: PlannedService, other: PlannedService): boolean =>
  [...service.requires ?? [], ...service.uses ?? []].some(({ key }) => key === other.service.provides.key)

const openService = (
  planned: PlannedService,
  services: Context.Context<never>,
  scope: Scope.Scope
): Effect.Effect<Running, PluginError> =>
  Effect.gen(function*() {
    const own = yield* Scope.fork(scope)
    const layer = yield* attempt(planned.name, () => planned.service.layer(planned.config, planned.site))
    const built: Effect.Effect<Context.Context<never>, PluginError> = Effect.provideContext(
      Layer.buildWithScope(Layer.fresh(layer), own),
      services as Context.Context<any>
    )
    const context = yield* contained(planned.name, built).pipe(
      Effect.onError(() => Scope.close(own, Exit.void))
    )
    return { planned, context, scope: own }
  })

const attempt = <A>(name: string, make: () => A): Effect.Effect<A, PluginError> => contained(name, Effect.sync(make))

/** Turns what is thrown into an error with a name, so that a bug in one part never looks like one of the gateway. */
export const contained = <A, E, R>(name: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, PluginError, R> =>
  Effect.catchCause(effect, (cause) => {
    const expected = Option.getOrUndefined(Cause.findErrorOption(cause)) as PluginError | undefined
    if (expected?._tag === "PluginError") return Effect.fail(expected)
    const thrown = Cause.squash(cause)
    const words = thrown instanceof Error ? thrown.message : String(thrown)
    return Effect.fail(pluginError(name, `${name} could not be started: ${words}`, thrown))
  })

const same = (one: PlannedService, other: PlannedService): boolean =>
  one.name === other.name && one.service === other.service && isDeepStrictEqual(one.config, other.config)
  && one.site.directory === other.site.directory
