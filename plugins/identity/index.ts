import * as Effect from "effect/Effect"
import {
  type Admission,
  admit,
  Any,
  definePlugin,
  type Deny,
  type Expiry,
  hold,
  Principal,
  type Proof,
  Revocations,
  tokenOf,
  Tokens
} from "../../core/index.ts"
import { bearerOf, type Comer, tokenless } from "./bearer.ts"
import { IdentityConfig } from "./config.ts"
import { proofOf } from "./proof.ts"
import { workloadOf } from "./workload.ts"

/** Checking a token may have to wait for the issuer's keys. Milliseconds. */
const WITHIN = 15_000

export { callers } from "./callers.ts"

/** `use: identity`: who is calling, by the token or certificate that they log in with. */
export const identity = definePlugin({
  name: "identity",
  family: Any,
  config: IdentityConfig,
  requires: [Tokens, Revocations],
  provides: [Principal],
  acquire: () =>
    Effect.gen(function*() {
      return { tokens: yield* Tokens, revocations: yield* Revocations }
    }),
  connect: (session, { config, resources: { revocations, tokens } }) => {
    let proof: Proof | undefined
    let expiry: Expiry | undefined
    const letIn = (comer: Comer, facts: PrincipalFacts): Admission => {
      proof = comer.proof
      expiry = expiryOf(comer.caller, config)
      facts.set(Principal, comer.caller)
      return admit
    }
    return {
      authenticate(login, facts) {
        const token = tokenOf(login)
        if (token === undefined && login.method !== "certificate") return tokenless()
        const coming = token === undefined
          ? Effect.sync(() => comerOf(workloadOf(login, session, config)))
          : bearerOf(tokens, token, session, config)
        return hold({
          reason: "the token is being checked",
          within: WITHIN,
          until: coming.pipe(
            Effect.flatMap((comer) =>
              isDeny(comer)
                ? Effect.succeed(comer)
                : Effect.map(revocations.check(comer.proof), (taken) => taken ?? letIn(comer, facts))
            )
          )
        })
      },
      expires: () => expiry,
      ends: (end) => proof === undefined ? () => {} : revocations.watch(proof, end)
    }

    function comerOf(caller: Principal | Deny): Comer | Deny {
      return isDeny(caller) ? caller : { caller, proof: proofOf(session, caller, undefined) }
    }
  }
})
export default identity

interface PrincipalFacts {
  set(fact: typeof Principal, value: Principal): void
}

const isDeny = (value: object): value is Deny => "_tag" in value && value._tag === "Deny"

const expiryOf = ({ expiresAt }: Principal, { on_expiry }: IdentityConfig): Expiry | undefined => {
  if (expiresAt === undefined) return undefined
  if (typeof on_expiry === "object") return { at: expiresAt + on_expiry.grace_seconds * 1000, finish: false }
  return { at: expiresAt, finish: on_expiry === "finish_operation" }
}
