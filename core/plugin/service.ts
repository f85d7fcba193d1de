import type * as Context from "effect/Context"
import type * as Layer from "effect/Layer"
import type { PluginError } from "../exchange/index.ts"
import type { AnyConfig } from "../protocol/index.ts"

/** Where a service was configured: paths in its options are relative to the file's folder. */
export interface ServiceSite {
  readonly directory: string
}

/** Something that plugins share, such as a secret store. Lives as long as the gateway; reached through `requires`. */
export interface Service<K extends Context.Key<any, any> = any, C extends AnyConfig = any> {
  readonly name: string
  /** The service API this was written for. The loader refuses any other major. */
  readonly api: 1
  readonly config: C
  /** The tag under which plugins find it. */
  readonly provides: K
  /**
   * Other services that this one asks when they are there, with `Effect.serviceOption`: those that stand before it. It
   * is opened anew when one of them is.
   */
  readonly uses?: ReadonlyArray<Context.Key<any, any>>
  readonly layer: (config: C["Type"], site: ServiceSite) => Layer.Layer<K["Identifier"], PluginError>
}

export const defineService = <K extends Context.Key<any, any>, C extends AnyConfig>(
  service: Omit<Service<K, C>, "api">
): Service<K, C> => ({ api: 1, ...service })
