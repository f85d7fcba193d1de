import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { type PluginError, pluginError } from "../exchange/index.ts"
import type { Endpoint } from "./plan.ts"
import type { Readiness } from "./readiness.ts"

export interface AdminRoom {
  /** Prometheus' text format, version 0.0.4. */
  readonly metrics: () => string
  readonly readiness: () => Promise<Readiness>
  /** The near ends of the connections to each pipeline's upstream, as `address:port`. */
  readonly upstreams: () => Readonly<Record<string, ReadonlyArray<string>>>
}

/** Serves `/healthz`, `/readyz`, `/metrics` and `/upstreams`. Nothing here changes anything, and nothing shows data. */
export const openAdmin = (
  endpoint: Endpoint,
  room: AdminRoom
): Effect.Effect<Endpoint, PluginError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<http.Server, PluginError>((resume) => {
      const server = http.createServer({ requestTimeout: 10_000, headersTimeout: 5000 }, (request, response) => {
        const failed = (): Answer => text(500, "Something failed that was not meant to.\n")
        void answer(request, room).catch(failed).then(({ body, status, type }) =>
          response.writeHead(status, { "content-type": type, "cache-control": "no-store" })
            .end(request.method === "HEAD" ? undefined : body)
        )
      })
      server.maxConnections = 64
      const refused = (error: Error & { readonly code?: string }): void =>
        resume(Effect.fail(pluginError(
          "admin",
          `Cannot listen on ${endpoint.host}:${endpoint.port} for the admin server: ${error.code ?? error.name}.`
        )))
      server.once("error", refused)
      server.listen(endpoint.port, endpoint.host, () => {
        server.off("error", refused).on("error", () => {})
        resume(Effect.succeed(server))
      })
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  ).pipe(Effect.map((server) => ({ host: endpoint.host, port: (server.address() as AddressInfo).port })))

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

const answer = async (request: http.IncomingMessage, room: AdminRoom): Promise<Answer> => {
  if (request.method !== "GET" && request.method !== "HEAD") return text(405, "Only GET and HEAD.\n")
  switch (request.url?.replace(/\?.*/s, "") ?? "") {
    case "/healthz":
      return text(200, "alive\n")
    case "/readyz": {
      const readiness = await room.readiness()
      return {
        status: readiness.ready ? 200 : 503,
        type: "application/json; charset=utf-8",
        body: `${JSON.stringify(readiness)}\n`
      }
    }
    case "/upstreams":
      return { status: 200, type: "application/json; charset=utf-8", body: `${JSON.stringify(room.upstreams())}\n` }
    case "/metrics":
      return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: room.metrics() }
    default:
      return text(404, "There are /healthz, /readyz, /metrics and /upstreams.\n")
  }
}

const text = (status: number, body: string): Answer => ({ status, type: "text/plain; charset=utf-8", body })
