import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { PluginError, Session } from "../exchange/index.ts"
import type { Family, OperationOf } from "../family/index.ts"
import type { Analysis, Definitions } from "./analyser.ts"
import type { Codec } from "./codec.ts"
import type { Connector, ConnectorContext } from "./connector.ts"
import type { Limits } from "./limits.ts"

/** Any Effect Schema that decodes without services: what a plugin's or a protocol's `with:` is checked against. */
export type AnyConfig = Schema.ConstraintDecoder<any>

/** What a codec is made with, for one session. */
export interface CodecContext {
  readonly session: Session
  readonly limits: Limits
  /** Whether the client may, must or cannot use TLS, and whether the upstream is asked for it. */
  readonly tls: { readonly downstream: "off" | "required"; readonly upstream: "off" | "required" }
  /** Cryptographically strong bytes. Tests hand in a seeded source. */
  readonly random: (count: number) => Uint8Array
}

/** A relayed protocol: the one value that its folder exports. */
export interface Protocol<F extends Family = any, C extends AnyConfig = any> {
  readonly name: string
  /** The protocol API this was written for. The loader refuses any other major. */
  readonly api: 1
  readonly family: F
  /** Schema of what stands under the protocol's `with:`. */
  readonly config: C
  readonly defaultPort: number
  /** The ALPN name by which TLS may start with the first byte; undefined where the protocol has none. */
  readonly alpn?: string
  /** Control plane, once per pipeline; what it returns is plain, once per session. */
  readonly codec: (config: C["Type"]) => (context: CodecContext) => Codec<F>
  /** Control plane, once per pipeline. Closed with the pipeline's scope. */
  readonly analysis: (
    config: C["Type"],
    definitions: Definitions
  ) => Effect.Effect<Analysis<F>, PluginError, Scope.Scope>
  /** The operation that `text` is, as the codec would yield it: for `explain` and the file's `tests:`. */
  readonly ask: (text: string) => OperationOf<F>
  /** For `sluice connect`; undefined where clients bring their token themselves. */
  readonly connector?: (context: ConnectorContext) => Connector
}

export const defineProtocol = <F extends Family, C extends AnyConfig>(
  protocol: Omit<Protocol<F, C>, "api">
): Protocol<F, C> => ({ api: 1, ...protocol })
