import { spawn } from "node:child_process"
import { timingSafeEqual } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as oidc from "openid-client"
import { guardedHeaders } from "../../core/index.ts"
import type { Surroundings } from "../command.ts"
import { type IssuerClient, keep, purposeOf, resourceOf, saying } from "./issuer-client.ts"
import { LoginFailed } from "./login-failed.ts"
import type { LoginTarget } from "./login-target.ts"
import type { Kept } from "./shelf.ts"

const RETURN_PATH = "/sluice/login"
const WAIT_MILLISECONDS = 300_000

/**
 * A login in this machine's browser, which the issuer sends back to a port of the loopback (RFC 8252, 7.3). The answer
 * is bound to this process: by `state` to the request, by PKCE's verifier (RFC 7636) to whoever asks for the token, by
 * `nonce` to the ID token.
 */
export const loginByBrowser = async (client: IssuerClient, target: LoginTarget, io: Surroundings): Promise<Kept> => {
  const state = oidc.randomState()
  const nonce = target.scope.split(" ").includes("openid") ? oidc.randomNonce() : undefined
  const verifier = oidc.randomPKCECodeVerifier()
  const door = await openDoor(state)
  try {
    const challenge = await oidc.calculatePKCECodeChallenge(verifier)
    const address = oidc.buildAuthorizationUrl(client, {
      redirect_uri: door.address,
      scope: target.scope,
      ...purposeOf(target),
      state,
      code_challenge: challenge,
      code_challenge_method: "S256",
      ...(nonce === undefined ? {} : { nonce }),
      // OpenID Connect Core, 11: without consent the wish for a refresh token is passed over.
      ...(target.scope.split(" ").includes("offline_access") ? { prompt: "consent" } : {})
    })
    if (!openBrowser(address.href)) io.err("No browser can be opened here.")
    io.err(`Open ${address.href}\nWaiting …`)
    const returned = await door.returned
    const answer = await saying("The login did not succeed", () =>
      oidc.authorizationCodeGrant(client, returned, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        ...(nonce === undefined ? {} : { expectedNonce: nonce, idTokenExpected: true })
      }, resourceOf(target)))
    return keep(target, answer)
  } finally {
    door.close()
  }
}

interface Door {
  /** Where the issuer sends the browser back to. */
  readonly address: string
  /** The address that the browser came back with: the first that knows the state. */
  readonly returned: Promise<URL>
  readonly close: () => void
}

/** Whoever comes without the right state is turned away, and ends nothing: any page could send a browser here. */
const openDoor = (state: string): Promise<Door> =>
  new Promise((resolve, reject) => {
    const { promise, reject: fail, resolve: come } = Promise.withResolvers<URL>()
    promise.catch(() => {})
    let origin = ""
    const server = createServer({ maxHeaderSize: 16_384, requestTimeout: 10_000 }, (request, response) => {
      const url = URL.canParse(request.url ?? "", origin) ? new URL(request.url ?? "", origin) : undefined
      if (url === undefined || !isReturn(request, url, origin, state)) return say(response, 400, "This is no login.")
      say(response, 200, "You can close this page and go back to the terminal.")
      come(url)
    })
    const timer = setTimeout(() => fail(new LoginFailed("Nobody logged in within five minutes.")), WAIT_MILLISECONDS)
    server.once("error", () => reject(new LoginFailed("No port of the loopback could be opened. Use --device.")))
    server.listen(0, "127.0.0.1", () => {
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const close = (): void => {
        clearTimeout(timer)
        server.close()
        setTimeout(() => server.closeAllConnections(), 100).unref()
      }
      resolve({ address: `${origin}${RETURN_PATH}`, returned: promise, close })
    })
  })

/** The name in `Host` must be ours too: another's name may lead to the loopback. */
const isReturn = (request: IncomingMessage, url: URL, origin: string, state: string): boolean => {
  const given = url.searchParams.getAll("state")
  return request.method === "GET" && request.headers.host === origin.slice("http://".length)
    && url.origin === origin && url.pathname === RETURN_PATH && given.length === 1 && isSame(given[0]!, state)
}

const isSame = (left: string, right: string): boolean => {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** A fixed text: nothing that was sent comes back, and the page leads nowhere. */
const say = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, {
    ...guardedHeaders({ forms: "'none'", referrer: "no-referrer" }),
    "content-type": "text/plain; charset=utf-8",
    connection: "close"
  })
  response.end(`${text}\n`)
}

const openers: Readonly<Record<string, readonly [string, ReadonlyArray<string>]>> = {
  darwin: ["open", []],
  win32: ["rundll32", ["url.dll,FileProtocolHandler"]],
  linux: ["xdg-open", []]
}

/** Whether there is a screen that a browser could open on. */
export const hasBrowser = (environment: NodeJS.ProcessEnv = process.env): boolean => {
  if (environment["SSH_CONNECTION"] !== undefined || openers[process.platform] === undefined) return false
  return process.platform !== "linux" || Boolean(environment["DISPLAY"] || environment["WAYLAND_DISPLAY"])
}

const openBrowser = (address: string): boolean => {
  if (!hasBrowser() || !/^https?:/.test(address)) return false
  const [program, words] = openers[process.platform]!
  spawn(program, [...words, address], { stdio: "ignore", detached: true }).once("error", () => {}).unref()
  return true
}
