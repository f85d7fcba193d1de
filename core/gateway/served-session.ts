import * as Effect from "effect/Effect"
import type { Socket } from "node:net"
import { type Deny, deny, type Login, type PluginError } from "../exchange/index.ts"
import type { Family } from "../family/index.ts"
import { Stages } from "../pipeline/index.ts"
import { type CloseReason, Principal, type Spool } from "../plugin/index.ts"
import type { Analyser, Cancellation, Codec, Limits } from "../protocol/index.ts"
import { type Observer, type PortEvents, Relay } from "../relay/index.ts"
import { SocketPort } from "../transport/index.ts"
import type { Cancellable, Cancels } from "./cancels.ts"
import { Client, ClientSession } from "./client.ts"
import { after } from "./clock.ts"
import { type Generation, stallMilliseconds } from "./generation.ts"
import type { Runner } from "./run.ts"
import { sessionId } from "./session-id.ts"
import type { SessionTrace } from "./telemetry/session-trace.ts"

/** What a session needs of its pipeline. */
export interface SessionRoom {
  readonly generation: Generation
  /** One object for all sessions of the pipeline: a reload changes it for them all. */
  readonly limits: Limits
  readonly runner: Runner
  readonly cancels: Cancels
  readonly now: () => number
  readonly random: (count: number) => Uint8Array
  readonly trace: (session: ClientSession, startedAt: number) => SessionTrace | undefined
  readonly observe: (session: ServedSession, trace: SessionTrace | undefined) => Observer
  /** Both connections are gone. */
  readonly gone: (session: ServedSession) => void
}

const CLIENT_HANDSHAKE_MILLISECONDS = 10_000

/**
 * One session, from the accepted socket until both its connections are gone: the ports, the relay between them, and
 * what the gateway owes it. Whatever is thrown while it is served ends this session, as a fault, and nothing else.
 */
export class ServedSession {
  readonly session: ClientSession
  readonly generation: Generation
  private readonly room: SessionRoom
  private readonly observer: Observer
  private codec: Codec | undefined
  private readonly downstream: SocketPort
  private upstream: SocketPort | undefined
  private relay: Relay<Family> | undefined
  private stages: Stages | undefined
  private cancellable: Cancellable | undefined
  private unregister: (() => void) | undefined
  private address: string | undefined
  private over = false
  private isGone = false

  /** Takes over a socket that was just accepted, and starts serving it. */
  constructor(socket: Socket, room: SessionRoom) {
    const { generation, now } = room
    const startedAt = now()
    const { plan, tls } = generation
    this.room = room
    this.generation = generation
    this.session = new ClientSession(sessionId(startedAt), plan.name, new Client(socket), now)
    this.downstream = new SocketPort(socket, {
      upgrade: tls?.upgrade,
      handshakeMilliseconds: CLIENT_HANDSHAKE_MILLISECONDS,
      stallMilliseconds: stallMilliseconds(plan),
      closed: () => this.portClosed()
    })
    const trace = room.trace(this.session, startedAt)
    this.observer = room.observe(this, trace)
    this.contain(() => this.serve(trace))
  }

  private serve(trace: SessionTrace | undefined): void {
    const { generation, room, session } = this
    const codec = this.codec = this.openCodec()
    const stages = Stages.connect(session, generation.plugins, (plugin, stage, error) => {
      this.observer.fault(plugin, stage, error)
    })
    if ("_tag" in stages) return this.refuse(stages)
    this.stages = stages
    const relay = new Relay<Family>({
      codec,
      stages,
      downstream: this.downstream,
      limits: room.limits,
      run: room.runner.run,
      analyser: (login) => this.analyser(login, trace),
      upstream: {
        database: generation.plan.upstream.database,
        credential: () => generation.upstream.credentialOf(stages.facts.find(Principal)?.groups ?? []),
        onBehalfOf: () => `${session.id}:${stages.facts.find(Principal)?.subject ?? "unknown"}`,
        connect: (events) => this.connect(events)
      },
      after: (milliseconds, wake) => after(milliseconds, () => this.contain(wake)),
      now: room.now,
      observer: this.observer
    })
    this.relay = relay
    this.downstream.listen(this.contained(relay.events.downstream, (certificate) => session.peer.secured(certificate)))
    relay.start()
  }

  private openCodec(): Codec {
    const { plan, tls } = this.generation
    return this.generation.codec({
      session: this.session,
      limits: this.room.limits,
      tls: {
        downstream: tls === undefined ? "off" : "required",
        upstream: plan.upstream.tls === "off" ? "off" : "required"
      },
      random: this.room.random
    })
  }

  /** Turned away before anything was opened for it, in the protocol's words where it has any by now. */
  private refuse(denial: Deny): void {
    const codec = this.codec!
    codec.close(denial)
    for (let bytes = codec.transmit("downstream"); bytes; bytes = codec.transmit("downstream")) {
      this.downstream.write(bytes)
    }
    this.downstream.end()
    this.observer.closed("refused", denial.message)
  }

  private analyser(login: Login, trace: SessionTrace | undefined): Effect.Effect<Analyser, PluginError> {
    const { analysis, plan } = this.generation
    const opened = analysis.open(this.session, plan.upstream.database ?? login.database)
    return trace === undefined ? opened : Effect.map(opened, (analyser) => trace.watch(analyser))
  }

  private connect(events: PortEvents): Effect.Effect<SocketPort, PluginError> {
    const { upstream } = this.generation
    const heard = this.contained(events, (certificate) => upstream.presented(certificate))
    const connected = upstream.connect(heard, () => this.portClosed())
    return Effect.map(connected, ({ address, port }) => {
      this.upstream = port
      this.address = address
      return port
    })
  }

  /** Finishes what is in flight, then closes in the protocol's words. */
  drain(): void {
    this.contain(() => this.relay?.drain())
  }

  close(reason: CloseReason, denial: Deny): void {
    this.contain(() => this.relay?.close(reason, denial))
  }

  /** At once, without a word. */
  destroy(): void {
    this.downstream.destroy()
    this.upstream?.destroy()
    this.observer.closed("shutdown", "forced")
  }

  /** Where this session's recorders write. */
  get spools(): ReadonlyArray<Spool> {
    return this.stages?.spools ?? []
  }

  /** Its client was told `key`. */
  keyed(key: Uint8Array, cancellation: () => Cancellation | undefined): void {
    this.cancellable = {
      upstream: this.generation.upstream,
      address: this.address,
      cancellation: () => this.over ? undefined : cancellation(),
      cancelHeld: () => {
        let refused = false
        this.contain(() => refused = this.relay?.cancelHeld() ?? false)
        return refused
      },
      cancelling: false
    }
    this.unregister = this.room.cancels.register(key, this.cancellable)
  }

  /** Its relay is done; the connections may still deliver their last bytes. */
  closed(): void {
    this.over = true
    this.unregister?.()
    this.portClosed()
  }

  private portClosed(): void {
    if (this.isGone || !this.over || !this.downstream.over || this.upstream?.over === false) return
    this.isGone = true
    this.room.gone(this)
  }

  private contained(events: PortEvents, secured: (certificate: Uint8Array | undefined) => void): PortEvents {
    return {
      received: (chunk) => {
        // Written out: this is the one of them that is called for every chunk.
        try {
          events.received(chunk)
        } catch (error) {
          this.fault(error)
        }
      },
      drained: () => this.contain(() => events.drained()),
      secured: (tls) =>
        this.contain(() => {
          secured(tls.certificate)
          events.secured(tls)
        }),
      ended: () => this.contain(() => events.ended()),
      failed: (reason) => this.contain(() => events.failed(reason))
    }
  }

  private contain(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.fault(error)
    }
  }

  private fault(error: unknown): void {
    this.observer.fault("gateway", "session", error)
    try {
      this.relay?.close("fault", deny("fault", "The gateway failed while it served this session."))
    } catch (again) {
      this.observer.fault("gateway", "close", again)
    }
    this.downstream.destroy()
    this.upstream?.destroy()
    this.observer.closed("fault", "an unexpected error")
  }
}
