import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { readFileSync } from "node:fs"
import { type PluginError, pluginError } from "../exchange/index.ts"
import type { ConnectedPlugin } from "../pipeline/index.ts"
import { Readers, type ReaderSocket, Secrets } from "../plugin/index.ts"
import type { Analysis, Codec, CodecContext, Definitions } from "../protocol/index.ts"
import { CertificateFiles, TlsServer } from "../transport/index.ts"
import type { PipelinePlan, PlannedPlugin } from "./plan.ts"
import { contained } from "./services.ts"
import type { Counters } from "./telemetry/counters.ts"
import { Upstream } from "./upstream.ts"
import type { Drift } from "./whereabouts.ts"

/** A pipeline as one plan wants it, opened. Sessions stay with the generation that they began with. */
export interface Generation {
  readonly plan: PipelinePlan
  readonly plugins: ReadonlyArray<ConnectedPlugin>
  readonly codec: (context: CodecContext) => Codec
  readonly analysis: Analysis
  readonly upstream: Upstream
  readonly tls: TlsServer | undefined
  readonly scope: Scope.Closeable
  /** How many sessions need it. */
  sessions: number
  /** Another generation took its place: it closes with its last session. */
  retired: boolean
}

export interface GenerationRoom {
  readonly services: Context.Context<never>
  readonly counters: Counters
  /** The parent of the generation's own scope. */
  readonly scope: Scope.Scope
  readonly certificateTrouble: (reason: string) => void
  readonly drifted: (drift: Drift) => void
}

const CLIENT_HANDSHAKE_MILLISECONDS = 10_000

/** Opens everything that sessions of `plan` need except the listener. When any part fails, the others are closed. */
export const openGeneration = (plan: PipelinePlan, room: GenerationRoom): Effect.Effect<Generation, PluginError> =>
  Effect.gen(function*() {
    const scope = yield* Scope.fork(room.scope)
    const build = Effect.gen(function*() {
      const upstream = yield* contained(plan.name, Effect.sync(() => upstreamOf(plan, room)))
      const tls = yield* openTls(plan, room)
      const codec = yield* contained(plan.name, Effect.sync(() => plan.protocol.codec(plan.protocolConfig)))
      const analysis = yield* contained(
        plan.name,
        Effect.suspend(() => plan.protocol.analysis(plan.protocolConfig, definitionsOf(upstream, room.services, scope)))
      )
      const plugins = yield* Effect.forEach(plan.plugins, (planned) => acquire(planned, room.services))
      return { plan, plugins, codec, analysis, upstream, tls, scope, sessions: 0, retired: false }
    })
    return yield* Scope.provide(build, scope).pipe(Effect.onError(() => Scope.close(scope, Exit.void)))
  })

const upstreamOf = (plan: PipelinePlan, room: GenerationRoom): Upstream =>
  new Upstream({
    plan: plan.upstream,
    authority: plan.upstream.authority === undefined ? undefined : readFileSync(plan.upstream.authority, "utf8"),
    alpn: plan.protocol.alpn,
    stallMilliseconds: stallMilliseconds(plan),
    secrets: Context.getOrUndefined(room.services as Context.Context<Secrets>, Secrets),
    counters: room.counters,
    drifted: (drift) => {
      room.counters.drifts.add(drift.kind)
      room.drifted(drift)
    }
  })

/** A peer that reads nothing for as long as it may be idle is gone. Timers hold at most 2^31-1 milliseconds. */
export const stallMilliseconds = (plan: PipelinePlan): number => Math.min(plan.limits.idleSeconds * 1000, 2_000_000_000)

const openTls = (
  plan: PipelinePlan,
  room: GenerationRoom
): Effect.Effect<TlsServer | undefined, PluginError, Scope.Scope> => {
  if (plan.tls === "off") return Effect.succeed(undefined)
  const { clientRequired = false } = plan.tls
  const files = new CertificateFiles(plan.tls)
  return contained(
    plan.name,
    Effect.acquireRelease(
      Effect.sync(() => {
        const server = new TlsServer({
          ...files.read(),
          clientRequired,
          alpn: plan.protocol.alpn,
          handshakeMilliseconds: CLIENT_HANDSHAKE_MILLISECONDS
        })
        return { server, unwatch: files.watch(() => exchange(server, files, room)) }
      }),
      ({ unwatch }) => Effect.sync(unwatch)
    ).pipe(Effect.map(({ server }) => server))
  )
}

const exchange = (server: TlsServer, files: CertificateFiles, room: GenerationRoom): void => {
  try {
    server.exchange(files.read())
  } catch (error) {
    room.certificateTrouble(error instanceof Error ? error.message : "unknown")
  }
}

const acquire = (
  planned: PlannedPlugin,
  services: Context.Context<never>
): Effect.Effect<ConnectedPlugin, PluginError, Scope.Scope> => {
  const { config, onError, plugin } = planned
  const acquired = plugin.acquire === undefined
    ? Effect.succeed(undefined)
    : contained(
      plugin.name,
      Effect.suspend(() => plugin.acquire!(config) as Effect.Effect<unknown, PluginError, Scope.Scope>).pipe(
        Effect.updateContext((own: Context.Context<Scope.Scope>) => Context.merge(services, own))
      )
    )
  return Effect.map(acquired, (resources) => ({ name: plugin.name, plugin, config, resources, onError }))
}

/** The upstream is asked about itself with the gateway's own credential, over connections that end with `scope`. */
const definitionsOf = (
  upstream: Upstream,
  services: Context.Context<never>,
  scope: Scope.Scope
): Definitions => {
  const readers = Context.getOrUndefined(services as Context.Context<Readers>, Readers)
  return {
    _tag: "Live",
    reader: (database) =>
      Effect.gen(function*() {
        if (readers === undefined) {
          return yield* Effect.fail(
            pluginError("readers", "No service can ask the upstream what relations it has. Add one under services:.")
          )
        }
        const { host, port, tls } = upstream.plan
        const credential = yield* upstream.catalogueCredential
        const admit = (socket: ReaderSocket): boolean => upstream.admit(socket, socket.remoteAddress)
        const target = { host, port, tls, authority: upstream.authority, database, credential, admit }
        return yield* Scope.provide(readers.open(target), scope)
      })
  }
}
