import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as oidc from "openid-client"
import type { SignInAttempt, SignInClient, SignInRefused } from "../../../core/index.ts"

/** How long one answer of the issuer is waited for. */
const ANSWER_SECONDS_MAX = 10
/** For how long what an issuer says of itself is taken for true. */
const KNOWN_MILLISECONDS = 600_000

/**
 * The authorization code flow (OpenID Connect Core, 3.1) with PKCE (RFC 7636). The answer is bound to the attempt: by
 * `state` to the request, by PKCE's verifier to whoever asks for the token, by `nonce` to the ID token, and by `iss` to
 * the issuer where it says one (RFC 9207).
 */
export class CodeFlow {
  private readonly known = new Map<string, { readonly configuration: oidc.Configuration; readonly until: number }>()

  begin(client: SignInClient): Effect.Effect<SignInAttempt, SignInRefused> {
    return this.attempt(async () => {
      const configuration = await this.configurationOf(client)
      const state = oidc.randomState()
      const nonce = isOpenId(client) ? oidc.randomNonce() : undefined
      const verifier = oidc.randomPKCECodeVerifier()
      const address = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: client.redirect,
        scope: client.scope,
        state,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...(nonce === undefined ? {} : { nonce })
      })
      return { address: address.href, state, nonce, verifier }
    })
  }

  finish(
    client: SignInClient,
    { nonce, state, verifier }: SignInAttempt,
    query: URLSearchParams
  ): Effect.Effect<string, SignInRefused> {
    return this.attempt(async () => {
      const returned = new URL(client.redirect)
      returned.search = query.toString()
      const answer = await oidc.authorizationCodeGrant(await this.configurationOf(client), returned, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        ...(nonce === undefined ? {} : { expectedNonce: nonce, idTokenExpected: true })
      })
      return client.token === "id" ? answer.id_token : answer.access_token
    }).pipe(
      Effect.flatMap((token) =>
        token === undefined ? Effect.fail(refused("it gave no ID token")) : Effect.succeed(token)
      )
    )
  }

  private attempt<A>(work: () => Promise<A>): Effect.Effect<A, SignInRefused> {
    return Effect.tryPromise({ try: work, catch: (cause) => refused(reasonOf(cause)) })
  }

  /** The discovery document must name the issuer as the client does. */
  private async configurationOf({ clientId, issuer, secret }: SignInClient): Promise<oidc.Configuration> {
    const name = JSON.stringify([issuer, clientId, secret === undefined ? "" : Redacted.value(secret)])
    const known = this.known.get(name)
    if (known !== undefined && performance.now() < known.until) return known.configuration
    this.known.clear()
    const authentication = secret === undefined ? oidc.None() : oidc.ClientSecretBasic(Redacted.value(secret))
    const configuration = await oidc.discovery(new URL(issuer), clientId, {}, authentication, {
      timeout: ANSWER_SECONDS_MAX,
      ...(issuer.startsWith("http:") ? { execute: [oidc.allowInsecureRequests] } : {})
    })
    this.known.set(name, { configuration, until: performance.now() + KNOWN_MILLISECONDS })
    return configuration
  }
}

const isOpenId = ({ scope }: SignInClient): boolean => scope.split(" ").includes("openid")

const refused = (why: string): SignInRefused => ({ _tag: "SignInRefused", message: `Nobody was logged in: ${why}.` })

const REASONS: Readonly<Record<string, string>> = {
  access_denied: "it was declined",
  invalid_client: "the issuer does not take this page for the client that it says it is",
  unauthorized_client: "the issuer does not let this client log people in this way",
  invalid_scope: "the issuer does not give this client that scope",
  invalid_grant: "the issuer does not take the answer any more: begin again",
  login_required: "a person has to log in"
}

/** The issuer's error codes are told, its texts are not: anybody can write an address to come back to. */
const reasonOf = (cause: unknown): string => {
  const { cause: inner, code, error } = cause as { error?: unknown; code?: unknown; cause?: { code?: unknown } }
  if (code === "OAUTH_WWW_AUTHENTICATE_CHALLENGE") return REASONS["invalid_client"]!
  if (typeof error === "string" && Object.hasOwn(REASONS, error)) return REASONS[error]!
  if (typeof inner?.code === "string" && /^E[A-Z_]{1,40}$/.test(inner.code))
    return `the issuer cannot be reached (${inner.code})`
  if (typeof code === "string" && /^OAUTH_[A-Z_]{1,60}$/.test(code))
    return `the issuer's answer does not hold (${code})`
  return "the issuer's answer cannot be used"
}
