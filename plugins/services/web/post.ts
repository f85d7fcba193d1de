import * as Effect from "effect/Effect"
import { type Agent, request } from "undici"
import { type PluginError, pluginError } from "../../../core/index.ts"

const POST_MILLISECONDS = 10_000

/** Sends one message. What is answered is not read: only whether it arrived matters. Redirects are not followed. */
export const post =
  (dispatcher: Agent) =>
  (address: string, headers: Readonly<Record<string, string>>, body: string): Effect.Effect<number, PluginError> =>
    Effect.tryPromise({
      try: async (signal) => {
        const answer = await request(address, {
          method: "POST",
          headers,
          body,
          dispatcher,
          headersTimeout: POST_MILLISECONDS,
          bodyTimeout: POST_MILLISECONDS,
          signal: AbortSignal.any([signal, AbortSignal.timeout(POST_MILLISECONDS)])
        })
        await answer.body.dump({ limit: 65_536 })
        return answer.statusCode
      },
      catch: (cause) => {
        const code = (cause as { readonly code?: unknown }).code
        // The address may hold a secret in its path, as Slack's do: only the host is named.
        const reason = typeof code === "string" ? code : "no answer"
        return pluginError("web", `The message to ${new URL(address).host} was not taken: ${reason}.`)
      }
    })
