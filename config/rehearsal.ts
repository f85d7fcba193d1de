import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { PipelinePlan, Plan, PlannedService } from "../core/gateway/index.ts"
import {
  type Deny,
  type Exchange,
  Ledger,
  type Login,
  type Operation,
  type PluginError,
  Policy,
  Principal,
  Protection,
  Reveals,
  Revocations,
  type Session,
  State,
  Tokens,
  type Verdict
} from "../core/index.ts"
import { type ConnectedPlugin, type Held, type Known, Stages } from "../core/pipeline/index.ts"
import { type Decision, Receipt } from "../core/plugin/index.ts"
import type { Analysis } from "../core/protocol/index.ts"
import { Approvals } from "../plugins/approval/index.ts"
import { type Hidden, hiddenOutputs } from "../plugins/masking/index.ts"
import { memoryState } from "../plugins/residency/index.ts"
import { declared, dialling, live } from "./definitions.ts"
import { openServices } from "./open-services.ts"
import { principalOf, standInIdentity, standInServices } from "./stand-in.ts"
import type { Caller } from "./schema/index.ts"

/** What is asked in a rehearsal, by whom and when. */
export interface Question {
  readonly as: Caller
  readonly ask: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Which question of a sequence it is; the only one, unless given. */
  readonly step?: number
}

/** What a pipeline would answer. */
export interface Rehearsed {
  /** The residency engine's; undefined where no plugin of the pipeline judges residency. */
  readonly receipt: Receipt | undefined
  /** The engine's decision, or the pipeline's where there is no engine. */
  readonly decision: Decision
  /** What the client would see come of it: `approve` when the operation would be held. */
  readonly outcome: Decision
  readonly code: string | undefined
  /** In whose words the operation was refused, or what it would wait for. */
  readonly message: string | undefined
  readonly operation: Operation
  /** What of the answers the caller does not see, where the operation may run. */
  readonly hidden: ReadonlyArray<Hidden>
  /** What would reach the upstream, where that is not what was asked. */
  readonly runs: string | undefined
}

/** A pipeline in memory: the real plugins and the real analysis, with nobody connected at either end. */
export interface Rehearsal {
  /** What is asked with the same `state` happens one after the other: labels grow from one question to the next. */
  readonly answer: (question: Question, state?: State["Service"]) => Effect.Effect<Rehearsed, PluginError>
}

/** Opens a rehearsal. Names are resolved in `schema`, a file of definitions, or else in the live upstream. */
export const openRehearsal = (
  plan: Plan,
  pipeline: PipelinePlan,
  schema: string | undefined
): Effect.Effect<Rehearsal, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const services = yield* openServices(plan, servicesOf(plan, pipeline, schema === undefined))
    const definitions = schema === undefined ? yield* live(pipeline, services) : yield* declared(schema)
    const analysis = yield* pipeline.protocol.analysis(pipeline.protocolConfig, definitions)
    return {
      answer: (question, state = memoryState()) =>
        Effect.scoped(Effect.gen(function*() {
          const all: Context.Context<any> = Context.merge(services, standInServices(plan.policy, state))
          const plugins = yield* acquirePlugins(pipeline, all)
          return yield* rehearse(plan, pipeline, plugins, analysis, question)
        }))
    }
  })

/** The pipeline's plugins, but for whatever says who is calling and whatever records. */
const acquirePlugins = (
  pipeline: PipelinePlan,
  services: Context.Context<any>
): Effect.Effect<ReadonlyArray<ConnectedPlugin>, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const plugins: Array<ConnectedPlugin> = []
    for (const { plugin, config, onError } of pipeline.plugins) {
      if (provides(plugin, Principal) || requires(plugin, Ledger)) continue
      const acquire = Scope.provide(plugin.acquire?.(config) ?? Effect.succeed(undefined), scope)
      const resources = yield* Effect.provideContext(acquire as Effect.Effect<unknown, PluginError, any>, services)
      plugins.push({ name: plugin.name, plugin, config, resources, onError })
    }
    return plugins
  })

const requires = (plugin: PipelinePlan["plugins"][number]["plugin"], tag: { readonly key: string }): boolean =>
  plugin.requires.some((one: { readonly key: string }) => one.key === tag.key)
const provides = (plugin: PipelinePlan["plugins"][number]["plugin"], tag: { readonly key: string }): boolean =>
  plugin.provides.some((one: { readonly key: string }) => one.key === tag.key)

/** The real services, but for those that would keep something or need someone: see `standInServices`. */
const servicesOf = (plan: Plan, pipeline: PipelinePlan, dials: boolean): ReadonlyArray<PlannedService> => {
  const replaced = new Set([Policy, State, Ledger, Tokens, Approvals, Revocations].map(({ key }) => key))
  const needed = new Set<string>([
    ...pipeline.plugins.flatMap(({ plugin }) => plugin.requires.map((one: { readonly key: string }) => one.key)),
    ...(dials ? dialling.map(({ key }) => key) : [])
  ])
  return plan.services.filter(({ service: { provides: { key } } }) => needed.has(key) && !replaced.has(key))
}

const rehearse = (
  plan: Plan,
  pipeline: PipelinePlan,
  plugins: ReadonlyArray<ConnectedPlugin>,
  analysis: Analysis,
  question: Question
): Effect.Effect<Rehearsed, PluginError> =>
  Effect.gen(function*() {
    const principal = principalOf(question.as, plan.policy.issuers)
    if ("_tag" in principal) return yield* Effect.fail(principal)
    const name = pipeline.plugins.find(({ plugin }) => provides(plugin, Principal))?.plugin.name ?? "identity"
    const identity = standInIdentity(name, principal)
    const all = [{ name, plugin: identity, config: {}, resources: undefined, onError: "deny" as const }, ...plugins]
    const session = sessionOf(pipeline, question)
    const faults: Array<string> = []
    const stages = Stages.connect(session, all, (plugin, stage, error) => faults.push(faultText(plugin, stage, error)))
    const operation = pipeline.protocol.ask(question.ask)
    if ("_tag" in stages) return refused(undefined, stages, operation, faults)
    const login: Login = { user: principal.subject, method: "token", settings: new Map() }
    const admission = stages.authenticate(login)
    if (admission._tag === "Deny") return refused(undefined, admission, operation, faults)
    const exchange: Exchange = { id: 1, session, operation, asked: operation }
    const analyser = yield* analysis.open(session, pipeline.upstream.database)
    const analysed = analyser.analyse(exchange)
    const known = stages.see(exchange, "until" in analysed ? yield* analysed.until : analysed)
    const answer = yield* judged(stages, known, (again) => analyser.analyse(again), faults)
    stages.close("finished")
    return answer
  })

/** Judges as a session would; where it would wait for somebody, that is the answer. */
const judged = (
  stages: Stages,
  known: Known,
  analyse: (known: Known) => ReturnType<Parameters<Stages["judge"]>[1]>,
  faults: ReadonlyArray<string>
): Effect.Effect<Rehearsed, PluginError> =>
  Effect.gen(function*() {
    let analysing: unknown
    let verdict: Verdict | Held<Verdict, any> = stages.judge(known, (again) => analysing = analyse(again))
    while (verdict._tag === "Held" && (verdict.hold === analysing || verdict.hold.brief === true)) {
      verdict = verdict.resume(yield* verdict.hold.until)
    }
    const receipt = known.find(Receipt)
    if (verdict._tag === "Deny") return refused(receipt, verdict, known.operation, faults)
    if (verdict._tag === "Allow") forwarded(stages, known, verdict)
    const waits = verdict._tag === "Held"
    const outcome = waits ? "approve" : receipt?.outcome ?? "allow"
    const message = verdict._tag === "Held" ? verdict.hold.reason : undefined
    const decision = receipt?.decision ?? outcome
    return {
      receipt,
      decision,
      outcome,
      code: receipt?.outcome_code ?? receipt?.code,
      message,
      operation: known.asked,
      hidden: hiddenBy(known),
      runs: known.operation === known.asked ? undefined : known.operation.summary
    }
  })

/** Nothing, where no plugin masks. */
const hiddenBy = (known: Known): ReadonlyArray<Hidden> => {
  const [protection, reveals] = [known.find(Protection), known.find(Reveals)]
  return protection === undefined || reveals === undefined ? [] : hiddenOutputs(known.asked, protection, reveals)
}

/** Tells those who watch, as if it had run: what is seen by one question counts in the next. */
const forwarded = (stages: Stages, known: Known, verdict: Verdict): void => {
  stages.note({ _tag: "Asked", operation: known.operation, asked: known.asked, verdict }, known)
  stages.note({ _tag: "Settled", outcome: { result: "completed", rows: 0, bytes: 0 } }, known)
}

const refused = (
  receipt: Receipt | undefined,
  { code, message }: Deny,
  operation: Operation,
  faults: ReadonlyArray<string>
): Rehearsed => ({
  receipt,
  decision: receipt?.decision ?? "deny",
  outcome: "deny",
  code,
  message: [message, ...faults].join(" "),
  operation,
  hidden: [],
  runs: undefined
})

/** A fault of a plugin may quote data on a live session; here there is none but what was just typed. */
const faultText = (plugin: string, stage: string, error: unknown): string =>
  `(${plugin}.${stage}: ${error instanceof Error ? error.message : String(error)})`

const sessionOf = (pipeline: PipelinePlan, { at, step }: Question): Session => ({
  id: step === undefined ? "rehearsal" : `step-${step}`,
  pipeline: pipeline.name,
  peer: { address: "127.0.0.1", port: 0, encrypted: true },
  now: () => at
})
