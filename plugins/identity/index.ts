import * as Effect from "effect/Effect"
import {
  type Admission,
  admit,
  Any,
  definePlugin,
  deny,
  hold,
  type Login,
  type PluginError,
  Principal,
  type Session,
  type TokenRefused,
  Tokens,
  type VerifiedToken
} from "../../core/index.ts"
import { isHolder } from "./binding.ts"
import { callerOf } from "./caller.ts"
import { IdentityConfig } from "./config.ts"

const SECRET_BYTES_MAX = 16384
/** Checking a token may have to wait for the issuer's keys. Milliseconds. */
const WITHIN = 15_000

const HINT = "Log in with an OpenID Connect token as the password (for psql: PGPASSWORD); any user name will do."

export { callers } from "./callers.ts"

/** `use: identity`: who is calling, by the token that they log in with. */
export const identity = definePlugin({
  name: "identity",
  family: Any,
  config: IdentityConfig,
  requires: [Tokens],
  provides: [Principal],
  acquire: () => Effect.map(Tokens, (tokens) => tokens),
  connect: (session, { config, resources: tokens }) => {
    let expiresAt: number | undefined
    const admitBearer = (token: VerifiedToken, facts: PrincipalFacts): Admission => {
      if (!isHolder(token.claims, session.peer)) return deny("identity", BOUND)
      const caller = callerOf(token, config)
      if ("_tag" in caller) return caller
      expiresAt = caller.expiresAt
      facts.set(Principal, caller)
      return admit
    }
    return {
      authenticate(login, facts) {
        const token = tokenOf(login)
        if (token === undefined) return deny("identity", "Nobody gets in without a token.", { hint: HINT })
        return hold({
          reason: "the token is being checked",
          within: WITHIN,
          until: verify(tokens, token, session).pipe(
            Effect.map((verified) => "issuer" in verified ? admitBearer(verified, facts) : verified)
          )
        })
      },
      expires: () => expiresAt
    }
  }
})
export default identity

interface PrincipalFacts {
  set(fact: typeof Principal, value: Principal): void
}

const BOUND = "The token is bound to a key or certificate (`cnf`) that this connection does not prove."

/** The token in a login; undefined when it carries none, or something that cannot be one. */
const tokenOf = (login: Login): string | undefined => {
  const { secret } = login
  if (login.method === "certificate" || secret === undefined) return undefined
  if (secret.length === 0 || secret.length > SECRET_BYTES_MAX) return undefined
  return Buffer.from(secret.buffer, secret.byteOffset, secret.length).toString("latin1")
}

/** The verified token, or the refusal. It never fails: that keys cannot be had is a refusal too. */
const verify = (
  tokens: Tokens["Service"],
  token: string,
  session: Session
): Effect.Effect<VerifiedToken | Admission> =>
  tokens.verify(token, session.now()).pipe(
    Effect.catch((error: TokenRefused | PluginError) => Effect.succeed(refusal(error)))
  )

const refusal = (error: TokenRefused | PluginError): Admission => {
  if (error._tag === "PluginError") {
    return deny("identity_unavailable", "Tokens cannot be checked now: the issuer's keys are not to be had.", {
      hint: "Try again soon. The gateway's log says what is wrong."
    })
  }
  if (error.code === "expired") return deny("expired", error.message)
  return deny("identity", error.message, error.code === "malformed" ? { hint: HINT } : undefined)
}
