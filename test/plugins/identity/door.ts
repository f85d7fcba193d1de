import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Admission, Hooks, Login, Principal, Revocations, Session, Tokens } from "../../../core/index.ts"
import { identity } from "../../../plugins/identity/index.ts"

export const session = (peer: Partial<Session["peer"]> = {}): Session => ({
  id: "s-1",
  pipeline: "orders",
  peer: { address: "127.0.0.1", port: 1, encrypted: true, ...peer },
  now: () => Date.now()
})
export const loginOf = (secret: string | undefined, method: Login["method"] = "password"): Login => ({
  user: "whoever",
  method,
  settings: new Map(),
  ...(secret === undefined ? {} : { secret: new TextEncoder().encode(secret) })
})

/** What came of a login. */
export interface Came {
  readonly admission: Admission
  readonly principal: Principal | undefined
  readonly expires: number | undefined
}
export const nothingRevoked: Revocations["Service"] = { check: () => Effect.succeed(undefined), watch: () => () => {} }

/** Logs in as a session would: what was answered, and the fact that was set. */
export const comeTo = async (
  tokens: Tokens["Service"],
  login: Login,
  options: unknown,
  here: Session = session()
): Promise<Came> => {
  const config = Schema.decodeUnknownSync(identity.config, { onExcessProperty: "error" })(options)
  const hooks = identity.connect(here, { config, resources: { tokens, revocations: nothingRevoked } }) as Hooks
  let principal: Principal | undefined
  const facts = { get: () => principal, set: (_fact: unknown, value: unknown) => void (principal = value as Principal) }
  const answer = hooks.authenticate!(login, facts as never)
  const admission = answer._tag === "Hold" ? await Effect.runPromise(answer.until) : answer
  return { admission, principal, expires: hooks.expires!()?.at }
}
