import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Credential, PluginError } from "../../exchange/index.ts"
import type { Reader } from "../../protocol/index.ts"

/** Where and as whom to ask an upstream about itself. */
export interface ReaderTarget {
  readonly host: string
  readonly port: number
  readonly tls: "off" | "require" | "verify-full"
  /** PEM of the authorities that may sign the upstream's certificate; the system's when undefined. */
  readonly authority: string | undefined
  readonly database: string | undefined
  readonly credential: Credential
  /** Told each connection before a byte is sent on it; false gives it up. Undefined: whatever answers will do. */
  readonly admit?: (socket: ReaderSocket) => boolean
}

/** What is asked of a reader's connection: where it goes, where it comes from, when it is gone. */
export interface ReaderSocket {
  readonly remoteAddress?: string | undefined
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
  once(event: "close", told: () => void): unknown
}

/** Opens connections of the gateway's own, to learn what relations and functions an upstream has. */
export class Readers extends Context.Service<Readers, {
  readonly open: (target: ReaderTarget) => Effect.Effect<Reader, PluginError, Scope.Scope>
}>()("sluice/services/Readers") {}
