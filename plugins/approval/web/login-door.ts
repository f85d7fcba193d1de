import * as Effect from "effect/Effect"
import { hash, randomBytes, timingSafeEqual } from "node:crypto"
import type {
  PluginError,
  SignIn,
  SignInAttempt,
  SignInClient,
  SignInRefused,
  WebRequest
} from "../../../core/index.ts"
import { cookieIn, type CookieKind, cookieOf } from "./cookies.ts"

/** How long a person may take at their issuer, in seconds. */
const ATTEMPT_SECONDS = 600
const ATTEMPTS_MAX = 1000
/** `Lax`: it must come along when the issuer leads the browser back. It opens nothing by itself. */
const ATTEMPT: CookieKind = { name: "sluice-login", sameSite: "Lax", seconds: ATTEMPT_SECONDS }

export const START_PATH = "/login/start"
export const CALLBACK_PATH = "/login/callback"

interface Begun {
  readonly attempt: SignInAttempt
  /** Where they wanted to go. */
  readonly to: string
  readonly until: number
}

/** Somebody who came back from their issuer. */
export interface Arrival {
  /** Nobody has verified it yet. */
  readonly token: string
  readonly to: string
}

/**
 * The way in over an issuer. What was begun stays here, under a name that one browser has in a cookie: whoever comes
 * back without it, or with another's answer, has not begun anything.
 */
export class LoginDoor {
  private readonly signIn: SignIn["Service"]
  private readonly client: Effect.Effect<SignInClient, PluginError>
  private readonly begun = new Map<string, Begun>()

  /** `client` is asked for with each login, so that a rotated secret holds. */
  constructor(signIn: SignIn["Service"], client: Effect.Effect<SignInClient, PluginError>) {
    this.signIn = signIn
    this.client = client
  }

  /** Where to send the browser, and the cookie by which it is known again. */
  begin(
    request: WebRequest,
    now: number
  ): Effect.Effect<{ readonly address: string; readonly cookie: string }, SignInRefused | PluginError> {
    return Effect.map(Effect.flatMap(this.client, (client) => this.signIn.begin(client)), (attempt) => {
      for (const [name, { until }] of this.begun) if (until <= now) this.begun.delete(name)
      const [oldest] = this.begun.keys()
      if (this.begun.size >= ATTEMPTS_MAX && oldest !== undefined) this.begun.delete(oldest)
      const name = randomBytes(32).toString("base64url")
      const to = pageOf(request.query.get("to") ?? "")
      this.begun.set(name, { attempt, to, until: now + ATTEMPT_SECONDS * 1000 })
      return { address: attempt.address, cookie: cookieOf(ATTEMPT, request, name) }
    })
  }

  /** Whoever comes back to what this browser has begun. Undefined: it has not, or not lately, or it is over. */
  arrive(request: WebRequest, now: number): Effect.Effect<Arrival | undefined, SignInRefused | PluginError> {
    const name = cookieIn(ATTEMPT, request) ?? ""
    const begun = this.begun.get(name)
    const states = request.query.getAll("state")
    if (begun === undefined || now >= begun.until || states.length !== 1) return Effect.succeed(undefined)
    if (!isSame(states[0]!, begun.attempt.state)) return Effect.succeed(undefined)
    this.begun.delete(name)
    return Effect.flatMap(this.client, (client) => this.signIn.finish(client, begun.attempt, request.query)).pipe(
      Effect.map((token) => ({ token, to: begun.to }))
    )
  }
}

/** One of the page's own addresses, whatever was asked for. */
export const pageOf = (path: string): string => /^\/requests\/[a-z0-9-]{1,64}$/.test(path) ? path : "/"

const isSame = (given: string, state: string): boolean =>
  timingSafeEqual(hash("sha256", given, "buffer"), hash("sha256", state, "buffer"))
