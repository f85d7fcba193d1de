import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { VerifiedToken } from "../../../core/index.ts"

/** Verified claims, the options they meet, the client's certificate, and what must come of it. */
export interface Claimed {
  readonly name: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly options?: object
  /** Bytes of the client's certificate, in base64. */
  readonly certificate?: string
  /** `refused`, or the names of the chain, the subject first. */
  readonly expected: string
}

/** The names of what the plugin at `root` judges otherwise than it must. Stops when `most` were found. */
export const misjudged = async (
  root: string,
  corpus: ReadonlyArray<Claimed>,
  most = Infinity
): Promise<ReadonlyArray<string>> => {
  const room = (file: string) => import(pathToFileURL(join(root, "plugins/identity", file)).href)
  const [{ callerOf }, { isHolder }] = await Promise.all([room("caller.ts"), room("binding.ts")])
  const wrong: Array<string> = []
  for (const { certificate, claims, expected, name, options } of corpus) {
    const config = { subject_claim: "sub", groups_claim: "groups", binding: "when_bound", ...options }
    const token: VerifiedToken = {
      issuer: "https://issuer.test",
      subject: String(claims["sub"]),
      claims,
      evidence: "asserted",
      expiresAt: 1
    }
    const peer = certificate === undefined ? {} : { certificate: Buffer.from(certificate, "base64") }
    const caller = isHolder(claims, peer) ? callerOf(token, config) : { _tag: "Deny" }
    const found = "_tag" in caller
      ? "refused"
      : [caller, ...caller.actors].map((one: { subject: string }) => one.subject).join(" < ")
    if (found !== expected) wrong.push(`${name}: ${found}, not ${expected}`)
    if (wrong.length >= most) break
  }
  return wrong
}
