import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { PluginError } from "../../exchange/index.ts"

/** What an update leaves behind (undefined deletes) and what it answers. */
export interface StateChange<A> {
  readonly next: string | undefined
  readonly result: A
}

/** What must outlive a session or a restart: approvals, meters, labels. Values are the owner's own, versioned JSON. */
export class State extends Context.Service<State, {
  readonly read: (space: string, key: string) => Effect.Effect<string | undefined, PluginError>
  /** Linearizable: no other update of the same key happens in between. `change` is pure and may run more than once. */
  readonly update: <A>(
    space: string,
    key: string,
    change: (current: string | undefined) => StateChange<A>
  ) => Effect.Effect<A, PluginError>
  readonly list: (
    space: string,
    prefix: string
  ) => Effect.Effect<ReadonlyArray<readonly [key: string, value: string]>, PluginError>
  /**
   * A number that differs from every earlier one as soon as anyone but this gateway has changed anything: while it
   * stays the same, what was read before need not be read again. At once, without waiting. Left out, or undefined:
   * nobody can tell, and whoever needs the present value reads it.
   */
  readonly stamp?: () => number | undefined
}>()("sluice/services/State") {}
