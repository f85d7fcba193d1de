import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { randomBytes } from "node:crypto"
import { isDeepStrictEqual } from "node:util"
import type { PluginError } from "../exchange/index.ts"
import { Figures, Policy } from "../plugin/index.ts"
import { openAdmin } from "./admin.ts"
import { Clock } from "./clock.ts"
import { doorKey } from "./doors.ts"
import type { Generation } from "./generation.ts"
import { type House, openHouse } from "./house.ts"
import type { Log } from "./log.ts"
import { Pipeline } from "./pipeline.ts"
import type { Endpoint, Plan } from "./plan.ts"
import { readiness } from "./readiness.ts"
import { Runner } from "./run.ts"
import { closeServices, droppedServices, type ServiceSet } from "./services.ts"
import { Counters } from "./telemetry/counters.ts"
import { type Exported, openExport } from "./telemetry/export.ts"
import { type Figure, figuresIn } from "./telemetry/figures.ts"
import { Metrics } from "./telemetry/metrics.ts"
import { TraceQueue } from "./telemetry/trace-queue.ts"

export interface GatewayOptions {
  readonly log: Log
  /** Milliseconds since the epoch. Tests set it. */
  readonly now?: () => number
  /** Cryptographically strong bytes. */
  readonly random?: (count: number) => Uint8Array
}

/** Where a pipeline accepts connections. */
export interface Listening extends Endpoint {
  readonly pipeline: string
  readonly protocol: string
}

/** A gateway that runs, until the scope that it was opened in closes. */
export interface Gateway {
  readonly plan: () => Plan
  readonly listening: () => ReadonlyArray<Listening>
  /** Where health, readiness and metrics are served. */
  readonly admin: Endpoint | undefined
  /**
   * Puts another plan in force. Policy and limits hold for every session from its next operation on; a pipeline that
   * did not change keeps everything, one that did serves new sessions anew. Fails, and changes nothing, when any part
   * of the plan cannot be opened.
   */
  readonly reload: (plan: Plan) => Effect.Effect<void, PluginError>
  /** Stops accepting, waits up to `seconds` for what is in flight, then closes every session. */
  readonly drain: (seconds: number) => Effect.Effect<void>
  /** The counters of a pipeline, by its name. */
  readonly counters: (pipeline: string) => Counters
}

/** Opens everything that `plan` asks for; fails when any part of it cannot be opened, and then nothing stays open. */
export const openGateway = (
  plan: Plan,
  options: GatewayOptions
): Effect.Effect<Gateway, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const building = new Building(plan, options, scope)
    // Registered first, so that it runs last: what sessions wait for is stopped when there are none any more.
    yield* Effect.addFinalizer(() => building.runner.close)
    const exported = yield* openExport(plan, building.metrics, building.traces, options.log)
    building.exported = exported
    yield* building.open
    yield* Effect.addFinalizer(() => building.shut)
    const admin = plan.admin === undefined ? undefined : yield* openAdmin(plan.admin, {
      metrics: () => building.metrics.prometheus(),
      upstreams: () => endsOf([...building.pipelines.values()]),
      readiness: () => readiness([...building.pipelines.values()], () => building.listens)
    })
    return {
      plan: () => building.house.plan,
      listening: () => building.listening,
      admin,
      reload: building.reload,
      drain: building.drain,
      counters: (pipeline) => building.countersOf(pipeline)
    }
  })

/** The near ends of every connection to an upstream, by pipeline: those of sessions that began before a reload too. */
const endsOf = (pipelines: ReadonlyArray<Pipeline>): Readonly<Record<string, ReadonlyArray<string>>> =>
  Object.fromEntries(pipelines.map(({ generation, name, sessions }) => {
    const upstreams = new Set([generation.upstream, ...[...sessions].map((session) => session.generation.upstream)])
    return [name, [...upstreams].flatMap(({ ends }) => [...ends]).toSorted()]
  }))

/** How long a session that was told to close may take for its last bytes, in milliseconds. */
const FAREWELL_MILLISECONDS = 2500

/** The running gateway's moving parts. Everything in it changes between two turns of the event loop, or not at all. */
class Building {
  house!: House
  exported: Exported | undefined
  readonly pipelines = new Map<string, Pipeline>()
  readonly runner = new Runner(Context.empty())
  readonly traces: TraceQueue | undefined
  readonly metrics: Metrics
  private readonly figures = new Map<string, Figure>()
  private readonly counted = new Map<string, Counters>()
  private readonly options: GatewayOptions
  private readonly scope: Scope.Scope
  private readonly first: Plan
  private readonly log: Log
  private readonly now: () => number
  private readonly one = Semaphore.makeUnsafe(1)
  /** Services that only retired generations still use. */
  private leaving: Array<{ readonly services: ServiceSet["running"]; readonly users: Set<Generation> }> = []

  constructor(plan: Plan, options: GatewayOptions, scope: Scope.Scope) {
    this.first = plan
    this.options = options
    this.scope = scope
    this.now = options.now ?? new Clock().now
    this.log = options.log.with(() => ({ config: (this.house?.plan ?? plan).hash }))
    this.traces = plan.telemetry.otlp === undefined ? undefined : new TraceQueue()
    this.metrics = new Metrics({
      hash: () => (this.house?.plan ?? plan).hash,
      gateway: plan.gateway,
      pipelines: () => [...this.pipelines.values()],
      waits: this.runner.waits,
      dropped: () => this.traces?.dropped ?? 0,
      figures: this.figures
    })
  }

  readonly open: Effect.Effect<void, PluginError> = Effect.suspend(() =>
    Effect.map(this.build(this.first, undefined), (house) => this.moveIn(house, undefined))
  )

  readonly reload = (plan: Plan): Effect.Effect<void, PluginError> =>
    this.one.withPermits(1)(
      Effect.suspend(() => this.build(plan, this.house)).pipe(
        Effect.tap((house) => this.dismiss(this.moveIn(house, this.house))),
        Effect.tap(() => Effect.sync(() => this.announce(plan))),
        Effect.tapError((error) =>
          Effect.sync(() => this.log.error("reload refused", { part: error.plugin, reason: error.message }))
        ),
        Effect.uninterruptible,
        Effect.asVoid
      )
    )

  /** The admin server and the export of telemetry belong to the process, not to a plan. */
  private announce(plan: Plan): void {
    this.log.info("plan in force", { pipelines: plan.pipelines.length })
    const { admin, telemetry } = this.first
    if (!isDeepStrictEqual([plan.admin, plan.telemetry], [admin, telemetry])) {
      this.log.warn("admin and telemetry stay as they are until the gateway is started again")
    }
  }

  private build(plan: Plan, before: House | undefined): Effect.Effect<House, PluginError> {
    return openHouse(plan, before, {
      provided: Context.make(Policy, { current: () => (this.house?.plan ?? this.first).policy }).pipe(
        Context.add(Figures, figuresIn(this.figures))
      ),
      scope: this.scope,
      counters: (pipeline) => this.countersOf(pipeline),
      certificateTrouble: (pipeline, reason) =>
        this.log.error("certificate not usable, the old one stays", { pipeline, reason }),
      drifted: (pipeline, { before, kind, now }) => {
        const fields = { pipeline, kind, before, now }
        if (kind === "elsewhere") this.log.error("upstream refused: it is not where it was pinned", fields)
        else this.log.warn("upstream is otherwise than before", fields)
      }
    })
  }

  countersOf(pipeline: string): Counters {
    let counters = this.counted.get(pipeline)
    if (counters === undefined) this.counted.set(pipeline, counters = new Counters())
    return counters
  }

  /** The one moment at which a plan comes into force. Answers the generations that are not needed any more. */
  private moveIn(house: House, before: House | undefined): ReadonlyArray<Generation> {
    this.house = house
    const unused: Array<Generation> = []
    this.collect = (generation) => unused.push(generation)
    for (const plan of house.plan.pipelines) {
      const pipeline = this.place(house, plan.name)
      pipeline.limit(plan.limits)
      const door = house.doors.get(doorKey(plan))!
      door.host.accept = (socket) => pipeline.accept(socket)
      door.host.trouble = (reason, times) => {
        pipeline.counters.acceptTroubles += times
        this.log.warn("connections not accepted", { pipeline: plan.name, reason, times })
      }
    }
    for (const [name, pipeline] of this.pipelines) {
      if (house.generations.has(name)) continue
      this.pipelines.delete(name)
      pipeline.retireAll()
    }
    for (const [key, door] of before?.doors ?? []) if (!house.doors.has(key)) door.listener.close()
    this.collect = undefined
    if (before !== undefined) this.leave(before, house)
    return unused
  }

  private collect: ((generation: Generation) => void) | undefined

  private place(house: House, name: string): Pipeline {
    const generation = house.generations.get(name)!
    const existing = this.pipelines.get(name)
    if (existing !== undefined) {
      if (existing.generation !== generation) existing.adopt(generation)
      return existing
    }
    const pipeline = new Pipeline(generation, {
      counters: this.countersOf(name),
      runner: this.runner,
      log: this.log,
      now: this.now,
      random: this.options.random ?? ((count) => randomBytes(count)),
      hash: () => this.house.plan.hash,
      traces: this.traces,
      unused: (unused) => {
        if (this.collect !== undefined) this.collect(unused)
        else this.runner.run(this.dismiss([unused]), () => {})
      }
    })
    this.pipelines.set(name, pipeline)
    return pipeline
  }

  /** Remembers which services go with the last of the generations that still use them. */
  private leave(before: House, house: House): void {
    const services = droppedServices(before.services, house.services)
    if (services.length === 0) return
    this.leaving.push({ services, users: new Set(before.generations.values()) })
  }

  private dismiss(generations: ReadonlyArray<Generation>): Effect.Effect<void> {
    return Effect.forEach(generations, (generation) => Scope.close(generation.scope, Exit.void), { discard: true })
      .pipe(
        Effect.andThen(Effect.suspend(() => {
          for (const { users } of this.leaving) for (const generation of generations) users.delete(generation)
          const due = this.leaving.filter(({ users }) => users.size === 0)
          this.leaving = this.leaving.filter(({ users }) => users.size > 0)
          return Effect.forEach(due, ({ services }) => closeServices(services), { discard: true })
        }))
      )
  }

  get listening(): ReadonlyArray<Listening> {
    return this.house.plan.pipelines.map((plan) => {
      const { host, port } = this.house.doors.get(doorKey(plan))!.listener
      return { pipeline: plan.name, protocol: plan.protocol.name, host, port }
    })
  }

  get listens(): boolean {
    return [...this.house.doors.values()].every((door) => door.listener.open)
  }

  readonly drain = (seconds: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      this.log.info("draining", { seconds, sessions: this.count() })
      for (const door of this.house.doors.values()) door.listener.close()
      for (const pipeline of this.pipelines.values()) pipeline.drain()
      return this.emptied(seconds * 1000).pipe(
        Effect.andThen(Effect.suspend(() => {
          for (const pipeline of this.pipelines.values()) pipeline.close()
          return this.emptied(FAREWELL_MILLISECONDS)
        })),
        Effect.andThen(Effect.sync(() => {
          for (const pipeline of this.pipelines.values()) pipeline.destroy()
        })),
        Effect.andThen(this.exported?.flush ?? Effect.void)
      )
    })

  /** What the closing of the scope does, drained or not. */
  readonly shut: Effect.Effect<void> = Effect.sync(() => {
    for (const door of this.house.doors.values()) door.listener.close()
    for (const pipeline of this.pipelines.values()) {
      pipeline.close()
      pipeline.destroy()
    }
  })

  private count(): number {
    return [...this.pipelines.values()].reduce((sum, { sessions }) => sum + sessions.size, 0)
  }

  /** Waits until no session is left, but no longer than `milliseconds`. */
  private emptied(milliseconds: number): Effect.Effect<void> {
    const each = [...this.pipelines.values()].map((pipeline) =>
      Effect.callback<void>((resume) => pipeline.whenEmpty(() => resume(Effect.void)))
    )
    return Effect.all(each, { concurrency: "unbounded", discard: true }).pipe(
      Effect.timeoutOption(milliseconds),
      Effect.map(Option.getOrUndefined),
      Effect.asVoid
    )
  }
}
