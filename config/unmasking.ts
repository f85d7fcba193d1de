import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { PipelinePlan, Plan, PlannedService } from "../core/gateway/index.ts"
import {
  type Identity,
  type Json,
  Ledger,
  type Login,
  type PluginError,
  pluginError,
  Principal,
  Secrets,
  type Session,
  type SessionLog,
  State
} from "../core/index.ts"
import { openServices, servicesFor } from "./open-services.ts"
import { type MaskingConfig, mayUnmask, unmask } from "../plugins/masking/index.ts"

/** One wish to have a mask undone. */
export interface Wish {
  /** What the mask stands under in the file. */
  readonly name: string
  readonly mask: string
  readonly type: Parameters<typeof unmask>[1]["type"]
  readonly reason: string
  readonly token: string
}

/** How long the ledger may take to write, in milliseconds. */
const WRITTEN_WITHIN = 10_000

/**
 * Proves who is asking by the pipeline's own plugin, asks the file whether they may, writes it all down, and only then
 * answers. Refusals are written down too. Fails when anything of that cannot be done, the ledger above all.
 */
export const unmaskRecorded = (
  plan: Plan,
  pipeline: PipelinePlan,
  config: MaskingConfig,
  wish: Wish
): Effect.Effect<{ readonly value: string } | { readonly why: string }, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const services = yield* openServices(plan, servicesOf(plan, pipeline, config))
    const session = sessionOf(pipeline)
    const principal = yield* Effect.provideContext(prove(pipeline, session, wish.token), services)
    const ledger = Context.get(services, Ledger)
    const log = ledger.open(session)
    const answer = "why" in principal
      ? principal
      : mayUnmask(config, principal)
      ? yield* Effect.provideContext(unmask(config, wish), services)
      : { why: "the caller, or who acts for it, is in no group that the file lets unmask (`unmask_to_group`)" }
    log.append("session.start", {
      pipeline: pipeline.name,
      policy: plan.hash,
      login: { user: "why" in principal ? "" : principal.subject, method: "token", settings: {} },
      ...("why" in principal ? {} : { principal: sayPrincipal(principal) })
    })
    log.append("unmask", {
      mask: wish.name,
      type: wish.type.name,
      value: ledger.digest(wish.mask),
      reason: wish.reason,
      verdict: "why" in answer ? { deny: answer.why } : "allow"
    })
    log.append("session.end", { reason: "finished" })
    yield* written(log)
    return answer
  })

/** State too, where there is one: it holds what was taken back. */
const servicesOf = (plan: Plan, pipeline: PipelinePlan, config: MaskingConfig): ReadonlyArray<PlannedService> =>
  servicesFor(plan, [Ledger, Secrets, State, ...identityOf(pipeline)!.plugin.requires]).map((planned) => {
    const apart = planned.service.provides.key === Ledger.key && config.unmask_ledger !== undefined
    return apart ? { ...planned, config: { ...planned.config as object, directory: config.unmask_ledger } } : planned
  })

/** The plugin that says who is calling, if the pipeline has one. */
export const identityOf = (pipeline: PipelinePlan): PipelinePlan["plugins"][number] | undefined =>
  pipeline.plugins.find(({ plugin }) =>
    plugin.provides.some((one: { readonly key: string }) => one.key === Principal.key)
  )

/** Who a token says is calling, as the pipeline itself would know it. */
const prove = (
  pipeline: PipelinePlan,
  session: Session,
  token: string
): Effect.Effect<Principal | { readonly why: string }, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const { config, plugin } = identityOf(pipeline)!
    const resources = yield* (plugin.acquire?.(config) ?? Effect.succeed(undefined)) as Effect.Effect<any, PluginError>
    const hooks = plugin.connect(session, { config, resources })
    if ("_tag" in hooks) return { why: hooks.message }
    let principal: Principal | undefined
    const facts = { set: (_fact: unknown, value: Principal) => void (principal = value), find: () => principal }
    const login: Login = { user: "unmask", method: "token", secret: Buffer.from(token), settings: new Map() }
    const asked = hooks.authenticate?.(login, facts as never)
    const admission = asked?._tag === "Hold" ? yield* asked.until : asked
    if (admission?._tag === "Deny") return { why: admission.message }
    return principal ?? { why: "nobody was identified" }
  })

const written = (log: SessionLog): Effect.Effect<void, PluginError> =>
  Effect.callback<void>((resume) => log.whenWritten(() => resume(Effect.void))).pipe(
    Effect.timeoutOrElse({
      duration: WRITTEN_WITHIN,
      orElse: () => Effect.fail(pluginError("unmask", "The ledger was not written in time, so nothing is shown."))
    }),
    Effect.flatMap(() =>
      log.trouble === undefined && log.pending === 0
        ? Effect.void
        : Effect.fail(pluginError("unmask", `The ledger cannot be written: ${log.trouble ?? "it lags behind"}`))
    )
  )

const sayPrincipal = (principal: Principal): Json => ({
  ...sayIdentity(principal),
  actors: principal.actors.map(sayIdentity),
  evidence: principal.evidence
})

const sayIdentity = ({ groups, issuer, subject }: Identity): { [key: string]: Json } => ({ issuer, subject, groups })

const sessionOf = (pipeline: PipelinePlan): Session => ({
  id: `unmask-${new Date().toISOString().replaceAll(/[^0-9]/g, "")}-${crypto.randomUUID().slice(0, 8)}`,
  pipeline: pipeline.name,
  peer: { address: "127.0.0.1", port: 0, encrypted: true },
  now: () => Date.now()
})
