import { exportJWK, generateKeyPair } from "jose"
import { randomBytes } from "node:crypto"
import { createServer, type Server } from "node:http"
import { request } from "undici"
import { freePort } from "./free-port.ts"

/** An agent that may ask the issuer for tokens. */
export interface AgentAccount {
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
}

/** A real OpenID Connect provider on the loopback, for agents that log in with client credentials. */
export interface LocalIssuer {
  readonly issuer: string
  /** Asks the token endpoint, as an agent would. */
  token(subject: string): Promise<string>
  stop(): Promise<void>
}

const TOKEN_SECONDS = 3600

/** Starts the provider. Its keys and its clients' secrets are made fresh and live in memory only. */
export const startIssuer = async (audience: string, agents: ReadonlyArray<AgentAccount>): Promise<LocalIssuer> => {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const secrets = new Map(agents.map(({ subject }) => [subject, randomBytes(24).toString("base64url")]))
  const provide = await providerFor(issuer, audience, agents, secrets)
  const server = createServer((incoming, outgoing) => void provide(incoming, outgoing))
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", () => resolve())
  })
  return {
    issuer,
    token: (subject) => askForToken(issuer, audience, subject, secrets.get(subject) ?? ""),
    stop: () => stopServer(server)
  }
}

const providerFor = async (
  issuer: string,
  audience: string,
  agents: ReadonlyArray<AgentAccount>,
  secrets: ReadonlyMap<string, string>
) => {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true })
  const key = { ...await exportJWK(privateKey), kid: randomBytes(8).toString("hex"), alg: "ES256", use: "sig" }
  const Provider = await quietly(async () => (await import("oidc-provider")).default)
  return quietly(async () =>
    new Provider(issuer, {
      jwks: { keys: [key] },
      clients: agents.map(({ subject }) => ({
        client_id: subject,
        client_secret: secrets.get(subject)!,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: "ES256" as const
      })),
      ttl: { ClientCredentials: TOKEN_SECONDS },
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => audience,
          getResourceServerInfo: () => ({
            scope: "",
            audience,
            accessTokenFormat: "jwt" as const,
            accessTokenTTL: TOKEN_SECONDS,
            jwt: { sign: { alg: "ES256" as const } }
          })
        }
      },
      extraTokenClaims: (_context: unknown, token: { clientId?: string | undefined }) =>
        agents.find(({ subject }) => subject === token.clientId)?.claims
    }).callback()
  )
}

/** The library greets developers on the console; this console is the operator's. */
const quietly = async <A>(make: () => Promise<A>): Promise<A> => {
  const { info, warn } = console
  console.info = console.warn = () => {}
  try {
    return await make()
  } finally {
    console.info = info
    console.warn = warn
  }
}

const askForToken = async (issuer: string, audience: string, subject: string, secret: string): Promise<string> => {
  const answer = await request(`${issuer}/token`, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      authorization: `Basic ${Buffer.from(`${subject}:${secret}`).toString("base64")}`
    },
    body: new URLSearchParams({ grant_type: "client_credentials", resource: audience }).toString()
  })
  const body = await answer.body.json() as { access_token?: string; error?: string }
  if (body.access_token === undefined)
    throw new Error(`The issuer gave ${subject} no token: ${body.error ?? "no reason"}`)
  return body.access_token
}

const stopServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections()
    server.close(() => resolve())
  })
