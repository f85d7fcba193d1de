import type * as Effect from "effect/Effect"
import type { Credential, Login, PluginError, Verdict } from "../exchange/index.ts"
import type { Family, Operation } from "../family/index.ts"
import type { CloseReason } from "../plugin/index.ts"
import type { Analyser, Cancellation, Codec, Limits } from "../protocol/index.ts"
import type { Stages } from "../pipeline/index.ts"
import type { Port, PortEvents } from "./port.ts"

/** Runs an effect and reports how it ended, at once or later. Returns what stops it; then nothing is reported. */
export type Run = <A>(effect: Effect.Effect<A, PluginError>, done: (result: RunResult<A>) => void) => () => void

export type RunResult<A> = { readonly ok: true; readonly value: A } | {
  readonly ok: false
  readonly error: PluginError
}

/**
 * What the relay needs of the world around it. The gateway gives the real one; tests give arrays and a virtual clock.
 */
export interface Surroundings<F extends Family> {
  readonly codec: Codec<F>
  readonly stages: Stages<F>
  readonly downstream: Port
  readonly limits: Limits
  readonly run: Run
  /** Opens the session's analyser, once it is known which database is asked for. */
  readonly analyser: (login: Login) => Effect.Effect<Analyser<F>, PluginError>
  readonly upstream: {
    /** Always connected to, whatever the client asks for; undefined leaves the choice to the client. */
    readonly database?: string | undefined
    /** What the gateway logs in with, on behalf of this caller. */
    readonly credential: () => Effect.Effect<Credential, PluginError>
    /** Session and caller, for the upstream's own books. */
    readonly onBehalfOf: () => string
    readonly connect: (events: PortEvents) => Effect.Effect<Port, PluginError>
  }
  /** Calls `wake` after `milliseconds`; returns what cancels it. */
  readonly after: (milliseconds: number, wake: () => void) => () => void
  readonly now: () => number
  readonly observer: Observer
}

/** What the gateway counts, logs and traces. Called on the data path: plain, quick, never throwing. */
export interface Observer {
  loggedIn(login: Login, verdict: Verdict): void
  /** `microseconds` is what the stages took, holds included. */
  judged(operation: Operation, verdict: Verdict, microseconds: number): void
  /** A hook of `plugin` threw or returned nonsense; the operation was refused. `error` may quote data: never log it. */
  fault(plugin: string, stage: string, error: unknown): void
  /** What a session waited for failed, and it was told no more than that. The error quotes no data. */
  unavailable(error: PluginError): void
  received(side: "downstream" | "upstream", bytes: number): void
  /** Another connection asks for the operation of the session that was given `key` to be cancelled. */
  cancel(key: Uint8Array): void
  /** The session's own key was told to its client. */
  keyed(key: Uint8Array, cancellation: () => Cancellation | undefined): void
  closed(reason: CloseReason, detail: string | undefined): void
}
