import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import {
  admit,
  Any,
  definePlugin,
  type Identity,
  Ledger,
  type Plugin,
  type PluginError,
  pluginError,
  Policy,
  type PolicyDocument,
  Principal,
  Revocations,
  State,
  Tokens
} from "../core/index.ts"
import { Approvals } from "../plugins/approval/index.ts"
import * as Schema from "effect/Schema"
import type { Caller } from "./schema/index.ts"

/** In place of what says who is calling: it says `principal`, whoever logs in. For rehearsals only. */
export const standInIdentity = (name: string, principal: Principal): Plugin =>
  definePlugin({
    name,
    family: Any,
    config: Schema.Unknown,
    provides: [Principal],
    connect: () => ({
      authenticate(_login, facts) {
        facts.set(Principal, principal)
        return admit
      }
    })
  })

/** A caller of the file's tests, or of `explain`, as the pipeline would know it. */
export const principalOf = (caller: Caller, issuers: ReadonlyArray<string>): Principal | PluginError => {
  const issuer = caller.issuer ?? (issuers.length === 1 ? issuers[0] : undefined)
  if (issuer === undefined && issuers.length > 1) {
    return pluginError("explain", `The caller names no \`issuer\`, and several are trusted: ${issuers.join(", ")}.`)
  }
  const own = issuer ?? "unknown"
  const actors = caller.actors.map((actor): Identity =>
    typeof actor === "string"
      ? { issuer: own, subject: actor, groups: [], claims: {} }
      : { ...actor, issuer: actor.issuer ?? own }
  )
  const { subject, groups, claims, evidence } = caller
  return { issuer: own, subject, groups, claims, actors, evidence, expiresAt: undefined }
}

/** The services that a rehearsal must not open: nothing is recorded, kept, or verified, and nothing is left behind. */
export const standInServices = (
  policy: PolicyDocument,
  state: State["Service"]
): Context.Context<Policy | State | Ledger | Tokens | Approvals | Revocations> => {
  const log = {
    append: () => {},
    pending: 0,
    trouble: undefined,
    whenWritten: (resume: () => void) => queueMicrotask(resume)
  }
  return Context.make(Policy, { current: () => policy }).pipe(
    Context.add(State, state),
    Context.add(Ledger, {
      at: policy.recorder?.at ?? policy.gateway.at,
      open: () => log,
      digest: () => "",
      keep: () => Effect.void
    }),
    Context.add(Revocations, { check: () => Effect.succeed(undefined), watch: () => () => {} }),
    // Nobody is asked: that an operation would wait for somebody is the answer.
    Context.add(Approvals, {
      file: () => Effect.never,
      settled: () => Effect.never,
      use: () => Effect.never,
      abandon: () => {}
    }),
    Context.add(Tokens, {
      issuers: policy.issuers,
      verify: () => Effect.fail(pluginError("explain", "No token is verified in a rehearsal."))
    })
  )
}
