import * as oidc from "openid-client"
import { LoginFailed, printable } from "./login-failed.ts"
import type { LoginTarget } from "./login-target.ts"
import type { Kept } from "./shelf.ts"

/** An issuer that was found, and what it says of itself. */
export type IssuerClient = oidc.Configuration

/** How long one answer of the issuer is waited for. */
const ANSWER_SECONDS_MAX = 15

/** Reads the issuer's discovery document, which must name the issuer as the target does. A public client: no secret. */
export const findIssuer = ({ clientId, issuer }: LoginTarget): Promise<IssuerClient> =>
  saying(
    `${issuer} cannot be used`,
    () =>
      oidc.discovery(new URL(issuer), clientId, { token_endpoint_auth_method: "none" }, oidc.None(), {
        timeout: ANSWER_SECONDS_MAX,
        ...(issuer.startsWith("http:") ? { execute: [oidc.allowInsecureRequests] } : {})
      })
  )

/** What the token is for, as every request for one says it. */
export const resourceOf = ({ resource }: LoginTarget): Readonly<Record<string, string>> =>
  resource === undefined ? {} : { resource }

/** The same for a request that begins a login: an audience in the issuer's own parameter goes with that one only. */
export const purposeOf = (target: LoginTarget): Readonly<Record<string, string>> => ({
  ...resourceOf(target),
  ...(target.audience === undefined ? {} : { audience: target.audience })
})

/** What a token endpoint answered, as it is kept; `before` is what it replaces. */
export const keep = (
  target: LoginTarget,
  answer: { readonly access_token: string; readonly id_token?: string; readonly refresh_token?: string },
  before?: Kept
): Kept => {
  const token = target.token === "id" ? answer.id_token ?? before?.token : answer.access_token
  const expiresAt = token === undefined ? undefined : expiryOf(token)
  if (token === undefined || expiresAt === undefined) {
    throw new LoginFailed(
      target.token === "id"
        ? "The issuer gave no ID token: ask for the scope `openid`."
        : "The issuer's access token is not one that a gateway can check (a JWT with `exp`). Ask your operator for the "
          + "--scope, --resource or --audience that names the gateway, or use --id-token."
    )
  }
  const refreshToken = answer.refresh_token ?? before?.refreshToken
  return { version: 1, target, token, expiresAt, ...(refreshToken === undefined ? {} : { refreshToken }) }
}

/** The claims of a token that nobody has checked: for what is shown, and to know when it is over. */
export const claimsOf = (token: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const parts = token.split(".")
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? "", "base64url").toString("utf8"))
    return parts.length === 3 && typeof claims === "object" && claims !== null
      ? claims as Readonly<Record<string, unknown>>
      : undefined
  } catch {
    return undefined
  }
}

const expiryOf = (token: string): number | undefined => {
  const exp = claimsOf(token)?.["exp"]
  return typeof exp === "number" && Number.isFinite(exp) ? exp * 1000 : undefined
}

/** What went wrong between here and the issuer, in a line. Its error codes are shown, its texts are not. */
export const saying = async <A>(what: string, work: () => Promise<A>): Promise<A> => {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof LoginFailed) throw cause
    throw new LoginFailed(`${printable(what)}: ${reasonOf(cause)}.`)
  }
}

const reasons: Readonly<Record<string, string>> = {
  access_denied: "it was declined",
  expired_token: "nobody confirmed it in time",
  invalid_client: "the issuer does not know this client (--client-id), or it is not a public one",
  unauthorized_client: "the issuer does not let this client log in this way",
  invalid_target: "the issuer knows no such resource (--resource), or does not give this client tokens for it",
  invalid_scope: "the issuer does not give this client that scope (--scope)",
  invalid_grant: "the issuer does not take it any more",
  login_required: "a person has to log in"
}

const reasonOf = (cause: unknown): string => {
  const { cause: inner, code, error } = cause as { error?: unknown; code?: unknown; cause?: { code?: unknown } }
  if (typeof error === "string" && /^[a-z_]{1,64}$/.test(error)) return reasons[error] ?? error
  if (typeof inner?.code === "string" && /^[A-Z_]{1,64}$/.test(inner.code)) return inner.code
  if (typeof code === "string" && /^[A-Z_]{1,64}$/.test(code)) return code
  return cause instanceof Error && cause.name === "TimeoutError" ? "no answer in time" : "no answer that can be used"
}
