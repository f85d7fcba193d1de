import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { defineService, SignIn } from "../../../core/index.ts"
import { CodeFlow } from "./code-flow.ts"

const options = Schema.Struct({}).annotate({ description: "Logins of people who come with a browser." })

/** `use: sign_in`: the code flow of OpenID Connect, for the gateway's own pages. Supplied where something needs it. */
export const signIn = defineService({
  name: "sign_in",
  config: options,
  provides: SignIn,
  layer: () =>
    Layer.effect(
      SignIn,
      Effect.sync(() => {
        const flow = new CodeFlow()
        return {
          begin: (client) => flow.begin(client),
          finish: (client, attempt, query) => flow.finish(client, attempt, query)
        }
      })
    )
})
export default signIn
