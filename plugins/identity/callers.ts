import * as Layer from "effect/Layer"
import { Callers, defineService } from "../../core/index.ts"
import { callerOf } from "./caller.ts"
import { IdentityConfig } from "./config.ts"

/**
 * `use: callers`: who a token stands for, where there is no pipeline: at the approvers' desk. Takes the same options as
 * the plugin, and must be given the same: `check` compares.
 */
export const callers = defineService({
  name: "callers",
  config: IdentityConfig,
  provides: Callers,
  layer: (config) => Layer.succeed(Callers, { of: (token) => callerOf(token, config) })
})
