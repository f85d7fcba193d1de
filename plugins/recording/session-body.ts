import { createHash } from "node:crypto"
import {
  type Identity,
  type Json,
  type Login,
  Principal,
  type Reads,
  type Session,
  type Verdict
} from "../../core/index.ts"

/** The body of `session.start` and `session.refused`. The login's secret never enters it. */
export const sessionBody = (
  session: Session,
  login: Login,
  verdict: Verdict,
  facts: Reads<any>,
  policy: string
): { [key: string]: Json | undefined } => {
  const { address, certificate, encrypted, port } = session.peer
  const principal = facts.find(Principal)
  return {
    pipeline: session.pipeline,
    policy,
    peer: {
      address,
      port,
      encrypted,
      ...(certificate === undefined ? {} : { certificate: createHash("sha256").update(certificate).digest("hex") })
    },
    login: {
      user: login.user,
      ...(login.database === undefined ? {} : { database: login.database }),
      method: login.method,
      settings: Object.fromEntries(login.settings)
    },
    ...(principal === undefined ? {} : { principal: sayPrincipal(principal) }),
    ...(verdict._tag === "Deny" ? { deny: verdict.code, message: verdict.message } : {})
  }
}

const sayPrincipal = (principal: Principal): Json => ({
  ...sayIdentity(principal),
  actors: principal.actors.map(sayIdentity),
  evidence: principal.evidence,
  ...(principal.expiresAt === undefined ? {} : { expires: new Date(principal.expiresAt).toISOString() })
})

const sayIdentity = ({ claims, groups, issuer, subject }: Identity): { [key: string]: Json } => ({
  issuer,
  subject,
  groups,
  claims: claims as { [key: string]: Json }
})
