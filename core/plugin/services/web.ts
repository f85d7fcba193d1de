import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { PluginError } from "../../exchange/index.ts"

/** A request to one of the gateway's own pages, read whole. */
export interface WebRequest {
  readonly method: string
  /** The path, percent-decoding not undone. */
  readonly path: string
  readonly query: URLSearchParams
  /** By lower-case name; of a name that came twice, the first. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** The address that it came from, as the socket says. */
  readonly from: string
  readonly encrypted: boolean
}

export interface WebAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface WebListen {
  readonly host: string
  readonly port: number
  /** Paths of PEM files, relative to `directory`; undefined for plain HTTP, which is for the loopback. */
  readonly tls: { readonly directory: string; readonly certificate: string; readonly key: string } | undefined
  readonly bodyBytesMax: number
}

/** What the gateway itself says over HTTP: its own pages, and the messages that it sends. */
export class Web extends Context.Service<Web, {
  /** Listens until the scope closes. `answer` must not fail; what it throws is answered with 500 and nothing else. */
  readonly serve: (
    listen: WebListen,
    answer: (request: WebRequest) => Promise<WebAnswer>
  ) => Effect.Effect<{ readonly host: string; readonly port: number }, PluginError, Scope.Scope>
  /** Sends one message and answers the status. Follows no redirect, and gives up after some seconds. */
  readonly post: (
    address: string,
    headers: Readonly<Record<string, string>>,
    body: string
  ) => Effect.Effect<number, PluginError>
}>()("sluice/services/Web") {}
