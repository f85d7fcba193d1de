import type { Socket } from "node:net"
import { deny } from "../exchange/index.ts"
import type { Limits } from "../protocol/index.ts"
import { SocketPort } from "../transport/index.ts"
import { Cancels } from "./cancels.ts"
import { Client, ClientSession } from "./client.ts"
import type { Generation } from "./generation.ts"
import type { Log } from "./log.ts"
import type { Runner } from "./run.ts"
import { ServedSession } from "./served-session.ts"
import { sessionId } from "./session-id.ts"
import type { Counters } from "./telemetry/counters.ts"
import { SessionObserver } from "./telemetry/session-observer.ts"
import { SessionTrace } from "./telemetry/session-trace.ts"
import type { TraceQueue } from "./telemetry/trace-queue.ts"

export interface PipelineRoom {
  readonly counters: Counters
  readonly runner: Runner
  readonly log: Log
  readonly now: () => number
  readonly random: (count: number) => Uint8Array
  /** Of the file in force. */
  readonly hash: () => string
  /** Undefined where traces are not exported. */
  readonly traces: TraceQueue | undefined
  /** The last session of a generation that is retired has gone. */
  readonly unused: (generation: Generation) => void
}

/** Connections that are turned away at one time with a word of explanation; more are just closed. */
const SHEDDING_MAX = 64

/** One pipeline while it runs: its sessions, old and new, across every reload that keeps its name. */
export class Pipeline {
  readonly name: string
  readonly counters: Counters
  readonly cancels = new Cancels()
  readonly sessions = new Set<ServedSession>()
  private readonly limits: Limits
  private readonly room: PipelineRoom
  private current: Generation
  private shedding = 0
  private draining = false
  private emptied: Array<() => void> = []

  constructor(generation: Generation, room: PipelineRoom) {
    this.name = generation.plan.name
    this.counters = room.counters
    this.room = room
    this.current = generation
    this.limits = { ...generation.plan.limits }
  }

  get generation(): Generation {
    return this.current
  }

  /** Limits hold for every session at once. */
  limit(limits: Limits): void {
    Object.assign(this.limits, limits)
  }

  /** New sessions get `generation`; those that run keep theirs. */
  adopt(generation: Generation): void {
    const before = this.current
    this.current = generation
    this.retire(before)
  }

  /** Serves a connection that was just accepted, or turns it away. */
  accept(socket: Socket): void {
    if (this.draining) return void socket.destroy()
    if (this.sessions.size >= this.limits.sessionsMax) return this.shed(socket)
    const generation = this.current
    const { log, now, random, runner } = this.room
    generation.sessions++
    const served = new ServedSession(socket, {
      generation,
      limits: this.limits,
      runner,
      cancels: this.cancels,
      now,
      random,
      trace: (session, startedAt) => this.trace(generation, session, startedAt),
      observe: (session, trace) => {
        // Here, and not after the constructor, which may already find the session at its end.
        this.sessions.add(session)
        const { id, peer } = session.session
        return new SessionObserver(
          this.counters,
          log.with({ session: id, pipeline: this.name, client: peer.address }),
          trace,
          {
            cancel: (key) => this.cancels.cancel(key, (outcome) => this.counters.cancels.add(outcome)),
            keyed: (key, cancellation) => session.keyed(key, cancellation),
            closed: () => session.closed()
          }
        )
      },
      gone: (session) => this.gone(session)
    })
    void served
  }

  private gone(session: ServedSession): void {
    this.sessions.delete(session)
    session.generation.sessions--
    if (session.generation.retired && session.generation.sessions === 0) this.room.unused(session.generation)
    if (this.sessions.size > 0) return
    const due = this.emptied
    this.emptied = []
    for (const tell of due) tell()
  }

  private trace(generation: Generation, session: ClientSession, startedAt: number): SessionTrace | undefined {
    const { hash, now, traces } = this.room
    if (traces === undefined) return undefined
    const { protocol, upstream } = generation.plan
    return new SessionTrace(
      traces,
      {
        id: session.id,
        pipeline: this.name,
        protocol: protocol.name,
        client: session.peer.address,
        upstream: { host: upstream.host, port: upstream.port },
        startedAt,
        endedAt: undefined,
        database: undefined,
        login: undefined,
        reason: undefined
      },
      now,
      hash
    )
  }

  /** One more than may be: told so, where the protocol can, and closed. Costs no session, no plugin, no upstream. */
  private shed(socket: Socket): void {
    this.counters.sessionsShed++
    if (this.shedding >= SHEDDING_MAX) return void socket.destroy()
    const { now, random } = this.room
    this.shedding++
    const port = new SocketPort(socket, {
      upgrade: undefined,
      handshakeMilliseconds: 1000,
      stallMilliseconds: 1000,
      closed: () => this.shedding--
    })
    try {
      const codec = this.current.codec({
        session: new ClientSession(sessionId(now()), this.name, new Client(socket), now),
        limits: this.limits,
        tls: { downstream: "off", upstream: "off" },
        random
      })
      codec.close(deny("sessions_max", "Too many sessions are open.", { hint: "Try again later." }))
      for (let bytes = codec.transmit("downstream"); bytes; bytes = codec.transmit("downstream")) port.write(bytes)
      port.end()
    } catch {
      port.destroy()
    }
  }

  /** Accepts no more, and lets every session finish what is in flight. */
  drain(): void {
    this.draining = true
    for (const session of this.sessions) session.drain()
  }

  /** Ends every session in the protocol's words, whatever it does. */
  close(): void {
    this.draining = true
    const denial = deny("shutdown", "The gateway is shutting down.", { hint: "Connect again." })
    for (const session of this.sessions) session.close("shutdown", denial)
  }

  /** Ends every session at once. */
  destroy(): void {
    this.draining = true
    for (const session of this.sessions) session.destroy()
  }

  /** Calls `tell` when there is no session: at once, or once. */
  whenEmpty(tell: () => void): void {
    if (this.sessions.size === 0) tell()
    else this.emptied.push(tell)
  }

  /** A pipeline that the file no longer has: its sessions finish, and then its parts close. */
  retireAll(): void {
    this.retire(this.current)
    this.drain()
  }

  private retire(generation: Generation): void {
    generation.retired = true
    if (generation.sessions === 0) this.room.unused(generation)
  }
}
