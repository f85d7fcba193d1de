import * as Effect from "effect/Effect"
import {
  type Deny,
  deny,
  type PluginError,
  type Principal,
  type Proof,
  type Session,
  type TokenRefused,
  type Tokens,
  type VerifiedToken
} from "../../core/index.ts"
import { isBound, isHolder } from "./binding.ts"
import { callerOf } from "./caller.ts"
import type { IdentityConfig } from "./config.ts"
import { proofOf } from "./proof.ts"

const HINT = "Log in with an OpenID Connect token as the password (for psql: PGPASSWORD); any user name will do."

/** Who came, and what that rests on. */
export interface Comer {
  readonly caller: Principal
  readonly proof: Proof
}

export const tokenless = (): Deny => deny("identity", "Nobody gets in without a token.", { hint: HINT })

/** Who the bearer of `token` is, or the refusal. It never fails: that keys cannot be had is a refusal too. */
export const bearerOf = (
  tokens: Tokens["Service"],
  token: string,
  session: Session,
  config: IdentityConfig
): Effect.Effect<Comer | Deny> =>
  tokens.verify(token, session.now()).pipe(
    Effect.map((verified) => admitted(verified, token, session, config)),
    Effect.catch((error: TokenRefused | PluginError) => Effect.succeed(refusal(error)))
  )

const admitted = (verified: VerifiedToken, text: string, session: Session, config: IdentityConfig): Comer | Deny => {
  if (!isHolder(verified.claims, session.peer)) return deny("identity", BOUND)
  if (config.binding === "required" && !isBound(verified.claims)) return deny("identity", UNBOUND)
  const caller = callerOf(verified, config)
  return "_tag" in caller ? caller : { caller, proof: proofOf(session, caller, { text, verified }) }
}

const BOUND = "The token is bound to a key or certificate (`cnf`) that this connection does not prove."
const UNBOUND = "The token is bound to nothing (`cnf`), and here it must be bound to the client's certificate."

const refusal = (error: TokenRefused | PluginError): Deny => {
  if (error._tag === "PluginError") {
    return deny("identity_unavailable", "Tokens cannot be checked now: the issuer's keys are not to be had.", {
      hint: "Try again soon. The gateway's log says what is wrong."
    })
  }
  if (error.code === "expired") return deny("expired", error.message)
  return deny("identity", error.message, error.code === "malformed" ? { hint: HINT } : undefined)
}
