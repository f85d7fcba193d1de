import * as Effect from "effect/Effect"
import { type PluginError, pluginError } from "../../../core/index.ts"

/** A secret's name is also a variable's or a file's: nothing in it climbs out of a folder. */
export const checkName = (service: string, name: string): Effect.Effect<string, PluginError> =>
  /^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,127}$/.test(name) && !/^\.+$/.test(name)
    ? Effect.succeed(name)
    : Effect.fail(
      pluginError(
        service,
        "The name of a secret may have letters, digits, `_`, `-` and `.` only, not `-` first, 128 at most."
      )
    )
