import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Plan } from "../../../core/gateway/index.ts"
import { Ledger, Principal, Receipt, ReceiptBasis, Secrets, type Session, type State } from "../../../core/index.ts"
import { type ConnectedPlugin, type Held, Stages } from "../../../core/pipeline/index.ts"
import type { Analyser } from "../../../core/protocol/index.ts"
import { principalOf, standInIdentity, standInServices } from "../../../config/stand-in.ts"
import type { Asked, Asker } from "./arbitrary.ts"

/** What a gateway made of one question: what its ledger would say. */
export interface Recorded {
  readonly receipt: Receipt
  readonly basis: ReceiptBasis
  /** Whether the operation was forwarded. */
  readonly forwarded: boolean
  /** `SESSION#EXCHANGE`. */
  readonly event: string
}

interface Open {
  readonly stages: Stages
  readonly analyser: Analyser
  readonly session: Session
}

/**
 * A gateway without sockets: the plan's plugins, opened once for each pipeline, and one session for each caller and
 * pipeline, which stays. What was decided before, and analysed before, is there to be found again.
 */
export class LiveSessions {
  private readonly plan: Plan
  private readonly services: Context.Context<any>
  private readonly definitions: string
  private readonly plugins = new Map<string, ReadonlyArray<ConnectedPlugin>>()
  private readonly sessions = new Map<string, Open>()
  private now = 0
  private exchanges = 0

  constructor(plan: Plan, state: State["Service"], definitions: string) {
    this.plan = plan
    this.services = Context.add(standInServices(plan.policy, state), Secrets, { fetch: () => Effect.never })
    this.definitions = definitions
  }

  ask({ as, ask, at, pipeline }: Asked): Effect.Effect<Recorded, unknown, Scope.Scope> {
    return Effect.gen({ self: this }, function*() {
      this.now = at
      const { analyser, session, stages } = yield* this.sessionOf(pipeline, as)
      const operation = this.pipelineOf(pipeline).protocol.ask(ask)
      const exchange = { id: ++this.exchanges, session, operation, asked: operation }
      const analysed = analyser.analyse(exchange)
      const known = stages.see(exchange, "until" in analysed ? yield* analysed.until : analysed)
      let analysing: unknown
      let verdict = stages.judge(known, (again) => {
        const answer = analyser.analyse(again)
        analysing = answer
        return answer
      })
      while (verdict._tag === "Held" && (verdict.hold === analysing || verdict.hold.brief === true)) {
        const held: Held<any, any> = verdict
        verdict = held.resume(yield* held.hold.until)
      }
      const forwarded = verdict._tag === "Allow"
      if (verdict._tag !== "Held") {
        stages.note({ _tag: "Asked", operation: known.operation, asked: known.asked, verdict }, known)
        stages.note({ _tag: "Settled", outcome: { result: "completed", rows: 0, bytes: 0 } }, known)
      }
      analyser.settle(known, { result: forwarded ? "completed" : "denied", rows: 0, bytes: 0 })
      analyser.ready("idle")
      const event = `${session.id}#${exchange.id}`
      return { receipt: known.get(Receipt), basis: known.get(ReceiptBasis), forwarded, event }
    })
  }

  private pipelineOf(name: string) {
    return this.plan.pipelines.find((one) => one.name === name)!
  }

  private sessionOf(name: string, as: Asker): Effect.Effect<Open, unknown, Scope.Scope> {
    return Effect.gen({ self: this }, function*() {
      const key = JSON.stringify([name, as])
      const open = this.sessions.get(key)
      if (open !== undefined) return open
      const pipeline = this.pipelineOf(name)
      const session: Session = {
        id: `live-${this.sessions.size + 1}`,
        pipeline: name,
        peer: { address: "127.0.0.1", port: 1, encrypted: true },
        now: () => this.now
      }
      const principal = principalOf({ ...as, evidence: "asserted" }, this.plan.policy.issuers) as Principal
      const identity = {
        name: "identity",
        plugin: standInIdentity("identity", principal),
        config: {},
        resources: undefined,
        onError: "deny" as const
      }
      const stages = Stages.connect(session, [identity, ...(yield* this.pluginsOf(name))], () => {}) as Stages
      let admission = stages.authenticate({ user: as.subject, method: "token", settings: new Map() })
      while (admission._tag === "Held") admission = admission.resume(yield* admission.hold.until)
      const analysis = yield* pipeline.protocol.analysis(pipeline.protocolConfig, {
        _tag: "Declared",
        text: this.definitions
      })
      const analyser = yield* analysis.open(session, pipeline.upstream.database)
      const fresh = { stages, analyser, session }
      this.sessions.set(key, fresh)
      return fresh
    })
  }

  private pluginsOf(name: string): Effect.Effect<ReadonlyArray<ConnectedPlugin>, unknown, Scope.Scope> {
    return Effect.gen({ self: this }, function*() {
      const known = this.plugins.get(name)
      if (known !== undefined) return known
      const plugins: Array<ConnectedPlugin> = []
      for (const { config, onError, plugin } of this.pipelineOf(name).plugins) {
        const about = (tags: ReadonlyArray<any>, tag: { readonly key: string }) =>
          tags.some(({ key }) => key === tag.key)
        if (about(plugin.provides, Principal) || about(plugin.requires, Ledger)) continue
        const acquire = plugin.acquire?.(config) ?? Effect.succeed(undefined)
        const resources = yield* Effect.provideContext(
          acquire as Effect.Effect<unknown, unknown, any>,
          this.services
        ) as Effect.Effect<unknown, unknown, Scope.Scope>
        plugins.push({ name: plugin.name, plugin, config, resources, onError })
      }
      this.plugins.set(name, plugins)
      return plugins
    })
  }
}
