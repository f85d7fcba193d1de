import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type Dispatcher, request } from "undici"
import type { PluginError } from "../../../core/index.ts"

const BYTES_MAX = 262_144

export interface IntrospectionOptions {
  readonly endpoint: string
  /** `client:secret`, fetched for each request, so that a rotated secret holds at once. */
  readonly credential: Effect.Effect<Redacted.Redacted, PluginError>
  readonly milliseconds: number
  readonly dispatcher: Dispatcher
}

/**
 * Asks the issuer whether a token is still active (RFC 7662, 2): a POST of `token=…`, with the client's credential as
 * HTTP Basic; the answer's `active` is the only member that is looked at. Fails with a reason that quotes no token.
 */
export const isActive = (token: Redacted.Redacted, options: IntrospectionOptions): Effect.Effect<boolean, string> =>
  options.credential.pipe(
    Effect.mapError(({ message }) => message),
    Effect.flatMap((credential) =>
      Effect.tryPromise({
        try: (interrupted) => ask(token, Redacted.value(credential), options, interrupted),
        catch: (cause) => `${options.endpoint}: ${reasonOf(cause)}`
      })
    )
  )

const ask = async (
  token: Redacted.Redacted,
  credential: string,
  { dispatcher, endpoint, milliseconds }: IntrospectionOptions,
  interrupted: AbortSignal
): Promise<boolean> => {
  const { body, statusCode } = await request(endpoint, {
    method: "POST",
    dispatcher,
    headers: {
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded",
      authorization: `Basic ${Buffer.from(formEncoded(credential)).toString("base64")}`
    },
    body: new URLSearchParams({ token: Redacted.value(token), token_type_hint: "access_token" }).toString(),
    signal: AbortSignal.any([interrupted, AbortSignal.timeout(milliseconds)])
  })
  const chunks: Array<Uint8Array> = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > BYTES_MAX) throw new Error("the answer is longer than 256 KiB")
    chunks.push(chunk)
  }
  if (statusCode !== 200) throw new Error(`the answer is status ${statusCode}`)
  const { active } = JSON.parse(Buffer.concat(chunks).toString("utf8"))
  if (typeof active !== "boolean") throw new Error("the answer does not say `active`")
  return active
}

/** RFC 6749, 2.3.1: both halves are form-encoded before they are joined. */
const formEncoded = (credential: string): string => {
  const colon = credential.indexOf(":")
  const half = (text: string): string => encodeURIComponent(text).replace(/%20/g, "+")
  return `${half(credential.slice(0, colon))}:${half(credential.slice(colon + 1))}`
}

const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return "it failed"
  if (cause.name === "TimeoutError") return "no answer in time"
  if (cause instanceof SyntaxError) return "the answer is no JSON"
  return (cause as { code?: string }).code ?? cause.message
}
