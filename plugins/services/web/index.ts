import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Agent } from "undici"
import { defineService, Web } from "../../../core/index.ts"
import { post } from "./post.ts"
import { serve } from "./serve.ts"

const options = Schema.Struct({}).annotate({ description: "The gateway's own pages and messages." })

/** `use: web`: HTTP for the gateway's own sake. Supplied where something needs it. */
export const web = defineService({
  name: "web",
  config: options,
  provides: Web,
  layer: () =>
    Layer.effect(
      Web,
      Effect.map(
        Effect.acquireRelease(Effect.sync(() => new Agent({ connections: 4 })), (agent) =>
          Effect.promise(() => agent.destroy())),
        (agent) => ({ serve, post: post(agent) })
      )
    )
})
export default web
