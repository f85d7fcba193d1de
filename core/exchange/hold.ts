import type * as Effect from "effect/Effect"
import type { PluginError } from "./plugin-error.ts"

/** The one way to wait. The session is asked for nothing more until `until` settles; silence past `within` denies. */
export interface Hold<out A> {
  readonly _tag: "Hold"
  /** What is waited for, as the client and the operator may read it. */
  readonly reason: string
  /** Milliseconds. */
  readonly within: number
  readonly until: Effect.Effect<A, PluginError>
  /** It settles by itself and soon: nobody is asked. A rehearsal waits for it, where it would not wait for a person. */
  readonly brief?: true
  /** Told to the client when the waiting begins, where the protocol can say something that is no answer. */
  readonly notice?: string
}

export const hold = <A>(options: {
  readonly reason: string
  readonly within: number
  readonly until: Effect.Effect<A, PluginError>
  readonly brief?: true
  readonly notice?: string
}): Hold<A> => ({ _tag: "Hold", ...options })
