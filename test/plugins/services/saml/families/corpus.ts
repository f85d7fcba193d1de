import { appendFileSync, readFileSync } from "node:fs"
import { config, makeKey } from "../identity-provider.ts"
import type { Bench } from "./case.ts"
import type { Corpus } from "./judge.ts"

/** Keys and certificates in `directory`: the provider's two, and one of an attacker. */
export const makeBench = (directory: string): Bench => {
  const idp = makeKey(directory, "idp")
  const next = makeKey(directory, "next")
  appendFileSync(idp.certificateFile, readFileSync(next.certificateFile))
  return { idp, next, attacker: makeKey(directory, "attacker") }
}

/** Of a gateway that trusts the bench's provider. */
export const corpusOf = (directory: string, cases: Corpus["cases"]): Corpus => ({ directory, cases, config })
