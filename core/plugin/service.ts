import type * as Context from "effect/Context"
import type * as Layer from "effect/Layer"
import type { PluginError } from "../exchange/index.ts"
import type { AnyConfig } from "../protocol/index.ts"
import type { ServicesIn } from "./fact.ts"

/** Where a service was configured: paths in its options are relative to the file's folder. */
export interface ServiceSite {
  readonly directory: string
}

type Tags = ReadonlyArray<Context.Key<any, any>>

/** Something that plugins share, such as a secret store. Lives as long as the gateway; reached through `requires`. */
export interface Service<K extends Context.Key<any, any> = any, C extends AnyConfig = any, out N = any> {
  readonly name: string
  /** The service API this was written for. The loader refuses any other major. */
  readonly api: 1
  readonly config: C
  /** The tag under which plugins find it. */
  readonly provides: K
  /** Services that it builds on: opened before it, and opened again with it. None when left out. */
  readonly requires?: Tags
  /** Services that it uses where there are any, by `Effect.serviceOption`. */
  readonly uses?: Tags
  readonly layer: (config: C["Type"], site: ServiceSite) => Layer.Layer<K["Identifier"], PluginError, N>
}

/** Checks a service's types: its layer may need what it requires, and nothing else. */
export const defineService = <K extends Context.Key<any, any>, C extends AnyConfig, const R extends Tags = readonly []>(
  service: Omit<Service<K, C, ServicesIn<R>>, "api" | "requires"> & { readonly requires?: R }
): Service<K, C, ServicesIn<R>> => ({ api: 1, ...service })
