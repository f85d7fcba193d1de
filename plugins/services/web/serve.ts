import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { readFileSync } from "node:fs"
import * as http from "node:http"
import * as https from "node:https"
import type { AddressInfo } from "node:net"
import { resolve } from "node:path"
import { type PluginError, pluginError, type WebAnswer, type WebListen, type WebRequest } from "../../../core/index.ts"

const CONNECTIONS_MAX = 128
const OPTIONS = { requestTimeout: 10_000, headersTimeout: 5000, keepAliveTimeout: 5000, maxHeaderSize: 32_768 }

/** Listens until the scope closes. */
export const serve = (
  listen: WebListen,
  answer: (request: WebRequest) => Promise<WebAnswer>
): Effect.Effect<{ readonly host: string; readonly port: number }, PluginError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<http.Server, PluginError>((resume) => {
      const fail = (why: string): void =>
        resume(Effect.fail(pluginError("web", `Cannot listen on ${listen.host}:${listen.port}: ${why}.`)))
      let server: http.Server
      try {
        server = open(listen, (incoming, outgoing) => void handle(incoming, outgoing, listen, answer))
      } catch (error) {
        return fail(error instanceof Error ? error.message : "the certificate cannot be used")
      }
      server.maxConnections = CONNECTIONS_MAX
      const refused = (error: Error & { readonly code?: string }): void => fail(error.code ?? error.name)
      server.once("error", refused)
      server.listen(listen.port, listen.host, () => {
        server.off("error", refused).on("error", () => {})
        resume(Effect.succeed(server))
      })
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  ).pipe(Effect.map((server) => ({ host: listen.host, port: (server.address() as AddressInfo).port })))

const open = ({ tls }: WebListen, listener: http.RequestListener): http.Server => {
  if (tls === undefined) return http.createServer(OPTIONS, listener)
  const read = (path: string): string => readFileSync(resolve(tls.directory, path), "utf8")
  return https.createServer(
    { ...OPTIONS, cert: read(tls.certificate), key: read(tls.key), minVersion: "TLSv1.2" },
    listener
  )
}

const handle = async (
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
  listen: WebListen,
  answer: (request: WebRequest) => Promise<WebAnswer>
): Promise<void> => {
  try {
    const body = await bodyOf(incoming, listen.bodyBytesMax)
    if (body === undefined) return void outgoing.writeHead(413, { connection: "close" }).end()
    const { body: text, headers, status } = await answer(requestOf(incoming, body, listen))
    outgoing.writeHead(status, headers).end(incoming.method === "HEAD" ? undefined : text)
  } catch {
    if (outgoing.headersSent) outgoing.destroy()
    else outgoing.writeHead(500, { "cache-control": "no-store" }).end("Something failed that was not meant to.\n")
  }
}

const requestOf = (incoming: http.IncomingMessage, body: string, listen: WebListen): WebRequest => {
  const [path = "/", query = ""] = (incoming.url ?? "/").split(/\?(.*)/s)
  const headers = new Map<string, string>()
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    const name = incoming.rawHeaders[i]!.toLowerCase()
    if (!headers.has(name)) headers.set(name, incoming.rawHeaders[i + 1]!)
  }
  return {
    method: incoming.method ?? "GET",
    path,
    query: new URLSearchParams(query),
    headers,
    body,
    from: incoming.socket.remoteAddress ?? "unknown",
    encrypted: listen.tls !== undefined
  }
}

/** Undefined when it is too long, or no UTF-8. */
const bodyOf = async (incoming: http.IncomingMessage, bytesMax: number): Promise<string | undefined> => {
  const chunks: Array<Buffer> = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bytesMax) return undefined
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  const text = bytes.toString("utf8")
  return Buffer.from(text, "utf8").equals(bytes) ? text : undefined
}
