import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { PluginError } from "../../exchange/index.ts"

/** A page at which people log in, as their issuer knows it. */
export interface SignInClient {
  /** As tokens name it (`iss`). */
  readonly issuer: string
  readonly clientId: string
  /** Undefined for a public client. */
  readonly secret: Redacted.Redacted | undefined
  /** Where the issuer sends browsers back to, to the letter. */
  readonly redirect: string
  /** Separated by spaces. */
  readonly scope: string
  /** Which of the issuer's tokens is wanted. */
  readonly token: "access" | "id"
}

/** A login that was begun. Whoever keeps it binds it to one browser, and uses it once. */
export interface SignInAttempt {
  /** Where the browser is sent. */
  readonly address: string
  /** Comes back with the browser (RFC 6749, 10.12). */
  readonly state: string
  readonly nonce: string | undefined
  /** Of PKCE (RFC 7636). */
  readonly verifier: string
}

/** Why a login came to nothing, in words that may be shown to whoever tried. */
export interface SignInRefused {
  readonly _tag: "SignInRefused"
  readonly message: string
}

/** People log in at their issuer with a browser: OpenID Connect's authorization code flow, with PKCE. */
export class SignIn extends Context.Service<SignIn, {
  readonly begin: (client: SignInClient) => Effect.Effect<SignInAttempt, SignInRefused | PluginError>
  /** `query`: what the browser came back with. Answers the token, which nobody has verified. */
  readonly finish: (
    client: SignInClient,
    attempt: SignInAttempt,
    query: URLSearchParams
  ) => Effect.Effect<string, SignInRefused | PluginError>
}>()("sluice/services/SignIn") {}
