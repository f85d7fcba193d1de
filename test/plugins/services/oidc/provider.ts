import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { ecKey } from "./forge.ts"

export interface LocalServer {
  readonly url: string
  /** How often each path was asked for. */
  readonly asked: Map<string, number>
  answer: RequestListener
  /** Stops listening; `start` listens on the same port again. */
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
}

/** An HTTP server on loopback whose answers can be swapped. */
export const localServer = async (): Promise<LocalServer> => {
  const asked = new Map<string, number>()
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = request.url!
    asked.set(path, (asked.get(path) ?? 0) + 1)
    local.answer(request, response)
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const local: LocalServer = {
    url: `http://127.0.0.1:${port}`,
    asked,
    answer: (_request, response) => response.writeHead(503).end(),
    start: () => listen(port),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
  return local
}

/** Makes `server` a real OpenID provider with a fresh key, whose clients get tokens for `sluice`. */
export const serveProvider = async (server: LocalServer, kid: string): Promise<void> => {
  const { default: Provider } = await import("oidc-provider")
  const key = ecKey(kid)
  const info = {
    scope: "",
    audience: "sluice",
    accessTokenFormat: "jwt" as const,
    accessTokenTTL: 300,
    jwt: { sign: { alg: "ES256" as const } }
  }
  const provider = new Provider(server.url, {
    jwks: { keys: [{ ...key.privateKey.export({ format: "jwk" }), kid, alg: "ES256", use: "sig" }] },
    clients: [{
      client_id: "agent-7",
      client_secret: "a-secret-of-the-test",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: "ES256",
      token_endpoint_auth_method: "client_secret_post"
    }],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: { enabled: true, defaultResource: () => "urn:sluice", getResourceServerInfo: () => info }
    }
  })
  const answer = provider.callback()
  server.answer = (request, response) => void answer(request, response)
}

/** A token from the provider, got as a client gets one. */
export const clientToken = async (server: LocalServer): Promise<string> => {
  const response = await fetch(`${server.url}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: "agent-7",
      client_secret: "a-secret-of-the-test"
    })
  })
  return (await response.json() as { access_token: string }).access_token
}
