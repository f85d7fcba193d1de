import { appendFileSync, readFileSync } from "node:fs"
import { ENTITY, GATEWAY, makeKey } from "../identity-provider.ts"
import type { Bench } from "./case.ts"
import type { Corpus } from "./judge.ts"

/** Keys and certificates in `directory`: the provider's two, and one of an attacker. */
export const makeBench = (directory: string): Bench => {
  const idp = makeKey(directory, "idp")
  const next = makeKey(directory, "next")
  appendFileSync(idp.certificateFile, readFileSync(next.certificateFile))
  return { idp, next, attacker: makeKey(directory, "attacker") }
}

/** A gateway that trusts the bench's provider. */
export const corpusOf = (directory: string, cases: Corpus["cases"]): Corpus => ({
  directory,
  cases,
  config: {
    listen: "127.0.0.1:7444",
    address: GATEWAY,
    provider: { entity_id: ENTITY, login: "https://idp.example/sso", certificate_file: "idp.crt" },
    groups_attribute: "groups",
    clock_skew_seconds: 30,
    logins_per_minute: 1000,
    token: { issuer: `${GATEWAY}/`, audience: "sluice", seconds: 300, key_file: "saml.key", jwks_file: "jwks.json" }
  }
})
