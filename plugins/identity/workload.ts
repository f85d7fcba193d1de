import { type Deny, deny, type Login, type Principal, type Session } from "../../core/index.ts"
import { svidOf } from "./spiffe.ts"
import type { IdentityConfig } from "./config.ts"

/**
 * The workload that logs in with its certificate. Its issuer is its trust domain, `spiffe://prod.example.com`, and the
 * evidence of its place is `workload`. It has no groups and no claims: a certificate says who, and nothing else.
 */
export const workloadOf = (
  login: Login,
  session: Session,
  { trust_domain }: IdentityConfig
): Principal | Deny => {
  if (trust_domain === undefined || session.peer.certificate === undefined || login.method !== "certificate") {
    return deny("identity", "Certificates are no login here: no trust domain is configured.", {
      hint: "Log in with a token as the password, or ask the operator for `trust_domain` under identity."
    })
  }
  const svid = svidOf(session.peer.certificate, trust_domain, session.now())
  if (typeof svid === "string") return deny("identity", `The certificate is not accepted: ${svid}.`)
  return {
    issuer: `spiffe://${trust_domain}`,
    subject: svid.id,
    groups: [],
    claims: {},
    actors: [],
    evidence: "workload",
    expiresAt: svid.expiresAt
  }
}
