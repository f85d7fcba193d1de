import * as Effect from "effect/Effect"
import { type Dispatcher, request } from "undici"

const BYTES_MAX = 262_144

/**
 * The body that a GET answers with status 200, at most 256 KiB of it, within `milliseconds` from start to end. Follows
 * no redirect: keys come from where the operator said. Fails with a reason for the operator.
 */
export const fetchText = (
  address: string,
  options: { readonly milliseconds: number; readonly dispatcher: Dispatcher }
): Effect.Effect<string, string> =>
  Effect.tryPromise({
    try: async (interrupted) => {
      const signal = AbortSignal.any([interrupted, AbortSignal.timeout(options.milliseconds)])
      const { statusCode, body } = await request(address, {
        dispatcher: options.dispatcher,
        headers: { accept: "application/json" },
        signal
      })
      if (statusCode !== 200) {
        // A body that is thrown away says so with an error event, which nobody else listens to.
        body.on("error", () => {}).destroy()
        throw new Error(`the answer is status ${statusCode}`)
      }
      return await readBody(body)
    },
    catch: (cause) => `${address}: ${reasonOf(cause)}`
  })

const readBody = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Array<Uint8Array> = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > BYTES_MAX) throw new Error("the answer is longer than 256 KiB")
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return "it failed"
  if (cause.name === "TimeoutError") return "no answer in time"
  const { code } = cause as { code?: unknown }
  return typeof code === "string" && !cause.message.includes(code) ? `${code} ${cause.message}`.trim() : cause.message
}
