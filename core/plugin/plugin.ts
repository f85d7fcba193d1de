import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Deny, PluginError, Session } from "../exchange/index.ts"
import type { Family } from "../family/index.ts"
import type { AnyConfig } from "../protocol/index.ts"
import type { Capability, Fact, ServicesIn } from "./fact.ts"
import type { Hooks } from "./hooks.ts"

/** One stage-keeper of a pipeline, written against a family. Made by `definePlugin`, exported as the default. */
export interface Plugin<
  F extends Family = any,
  C extends AnyConfig = any,
  R extends ReadonlyArray<Capability> = any,
  P extends ReadonlyArray<Fact<unknown>> = any,
  A = any
> {
  readonly name: string
  /** The plugin API this was written for. The loader refuses any other major. */
  readonly api: 1
  readonly family: F
  /** Schema of what stands under `with:`. */
  readonly config: C
  /** Facts that an earlier plugin must provide, and services that the gateway must have: checked by the plan. */
  readonly requires: R
  readonly provides: P
  /** Declares that operations may pass when a hook throws; the operator must say `on_error: continue` as well. */
  readonly mayFailOpen?: true
  /** What an operator should know of options that are in order: `check` shows each as a warning. Opens nothing. */
  readonly cautions?: (config: C["Type"]) => ReadonlyArray<string>
  /** Control plane. Runs once per pipeline; what it opens is closed with the pipeline's scope. */
  readonly acquire?: (config: C["Type"]) => Effect.Effect<A, PluginError, ServicesIn<R> | Scope.Scope>
  /** Data plane. Runs once per session, synchronously; the session's state is what it closes over. */
  readonly connect: (
    session: Session,
    plugin: { readonly config: C["Type"]; readonly resources: A }
  ) => Hooks<F, R, P> | Deny
}

/** Checks a plugin's types and fills in what it left out. */
export const definePlugin = <
  F extends Family,
  C extends AnyConfig,
  const R extends ReadonlyArray<Capability> = readonly [],
  const P extends ReadonlyArray<Fact<unknown>> = readonly [],
  A = void
>(plugin: {
  readonly name: string
  readonly family: F
  readonly config: C
  readonly requires?: R
  readonly provides?: P
  readonly mayFailOpen?: true
  readonly cautions?: (config: C["Type"]) => ReadonlyArray<string>
  readonly acquire?: (config: C["Type"]) => Effect.Effect<A, PluginError, ServicesIn<R> | Scope.Scope>
  readonly connect: (
    session: Session,
    plugin: { readonly config: C["Type"]; readonly resources: A }
  ) => Hooks<F, R, P> | Deny
}): Plugin<F, C, R, P, A> => ({
  api: 1,
  ...plugin,
  requires: plugin.requires ?? [] as never,
  provides: plugin.provides ?? [] as never
})
