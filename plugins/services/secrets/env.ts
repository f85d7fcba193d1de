import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { defineService, pluginError, Secrets } from "../../../core/index.ts"
import { checkName } from "./name.ts"

const EnvConfig = Schema.Struct({
  prefix: Schema.String
    .annotate({ description: "Put before a secret's name to get the variable's." })
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed("")))
}).annotate({ description: "Secrets from the gateway's own environment." })

/** `use: env`: secrets from the gateway's own environment, as they are when asked for. */
export const env = defineService({
  name: "env",
  config: EnvConfig,
  provides: Secrets,
  layer: ({ prefix }) =>
    Layer.succeed(Secrets, {
      fetch: (name) =>
        Effect.flatMap(checkName("env", name), (checked) => {
          const variable = prefix + checked
          const value = process.env[variable]
          return value === undefined || value === ""
            ? Effect.fail(
              pluginError("env", `The environment variable ${variable} is not set. Set it, and start again.`)
            )
            : Effect.succeed(Redacted.make(value))
        })
    })
})
