import * as Effect from "effect/Effect"
import * as Context from "effect/Context"
import type * as Scope from "effect/Scope"
import { existsSync } from "node:fs"
import { type PluginError, pluginError, State } from "../core/index.ts"
import type { Arguments, Surroundings } from "./command.ts"
import { type OpenedPlan, openPlan } from "./open-file.ts"
import { openServices } from "./open-services.ts"
import { absolute } from "./site.ts"

/**
 * Opens the state that the operator's file names, for a command beside the gateway, and does `work` with it. The exit
 * code 2, with the reason on stderr, where that cannot be.
 */
export const withState = async <A>(
  args: Arguments,
  io: Surroundings,
  command: string,
  work: (state: State["Service"], opened: OpenedPlan) => Effect.Effect<A, PluginError>
): Promise<A | 2> => {
  const opened = await openPlan(args, io)
  if (opened === 2) return 2
  const result = await Effect.runPromise(Effect.result(Effect.scoped(
    Effect.flatMap(stateOf(opened), (state) => work(state, opened))
  )))
  if (result._tag === "Success") return result.success
  io.err(`sluice ${command}: ${result.failure.message}`)
  return 2
}

const stateOf = ({ found, plan }: OpenedPlan): Effect.Effect<State["Service"], PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const planned = plan.services.find(({ service }) => service.provides.key === State.key)
    if (planned === undefined) {
      return yield* Effect.fail(pluginError(
        "state",
        "the file declares no `state`, so what runs have seen is known to the running gateway alone. Add `state:`."
      ))
    }
    const { path } = planned.config as { readonly path?: unknown }
    if (planned.service.name === "sqlite" && typeof path === "string" && !existsSync(absolute(found.directory, path))) {
      return yield* Effect.fail(pluginError("state", `there is no ${path} yet: no gateway has run with this file.`))
    }
    return Context.get(yield* openServices(plan, [planned]), State)
  })
