import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import { concatBytes } from "../bytes/index.ts"
import type { Deny, PluginError, Session, Verdict } from "../exchange/index.ts"
import type { Family, Operation } from "../family/index.ts"
import { type ConnectedPlugin, Stages } from "../pipeline/index.ts"
import type { CloseReason } from "../plugin/index.ts"
import { defaultLimits, type Limits } from "../protocol/index.ts"
import { type Port, type PortEvents, Relay, type Run } from "../relay/index.ts"
import type { FakeUpstream, Subject } from "./subject.ts"

/** A clock that moves only when it is told to. */
export class VirtualClock {
  now = 1_700_000_000_000
  private readonly alarms = new Set<{ readonly at: number; readonly wake: () => void }>()

  after(milliseconds: number, wake: () => void): () => void {
    const alarm = { at: this.now + milliseconds, wake }
    this.alarms.add(alarm)
    return () => this.alarms.delete(alarm)
  }

  advance(milliseconds: number): void {
    this.now += milliseconds
    for (const alarm of [...this.alarms].toSorted((a, b) => a.at - b.at)) {
      if (alarm.at > this.now || !this.alarms.delete(alarm)) continue
      alarm.wake()
    }
  }
}

/** What becomes of a chunk that was given back: whoever still looks at it sees that it should not have. */
const RUINED_BYTE = 0xa5

/** A port that keeps what is written to it, and takes back what it lent. */
export class ArrayPort implements Port {
  readonly written: Array<Uint8Array> = []
  /** It copies what is written. */
  readonly taken = true
  /** Chunks that were received by way of this port, until they are given back. */
  readonly lent: Array<Uint8Array> = []
  paused = true
  closed = false
  secured = 0

  write(bytes: Uint8Array): boolean {
    if (!this.closed) this.written.push(new Uint8Array(bytes))
    return true
  }
  reclaim(): void {
    for (const chunk of this.lent.splice(0)) chunk.fill(RUINED_BYTE)
  }
  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
  }
  secure(): void {
    this.secured++
  }
  end(): void {
    this.closed = true
  }
  destroy(): void {
    this.closed = true
  }
  bytes(): Uint8Array {
    return concatBytes(this.written)
  }
}

export interface RigOptions {
  readonly plugins?: ReadonlyArray<ConnectedPlugin>
  readonly limits?: Partial<Limits>
}

/** One session in memory: the real codec, stages and relay, a fake upstream, and ports that are arrays. */
export class Rig<F extends Family> {
  readonly clock = new VirtualClock()
  readonly downstream = new ArrayPort()
  readonly upstream = new ArrayPort()
  readonly server: FakeUpstream
  readonly verdicts: Array<Verdict> = []
  readonly faults: Array<string> = []
  readonly operations: Array<Operation> = []
  readonly refused: Deny | undefined
  closed: CloseReason | undefined
  readonly relay: Relay<F>
  readonly codec: ReturnType<Subject<F>["codec"]>
  private sent = 0

  constructor(subject: Subject<F>, options: RigOptions = {}) {
    const session = rigSession(this.clock)
    const stages = Stages.connect<F>(
      session,
      options.plugins ?? [],
      (plugin, stage) => this.faults.push(`${plugin}.${stage}`)
    )
    if (!(stages instanceof Stages)) throw new Error(`A plugin refused the session: ${stages.message}`)
    this.server = subject.upstream()
    this.codec = subject.codec()
    this.relay = new Relay<F>({
      codec: this.codec,
      stages,
      downstream: this.downstream,
      limits: { ...defaultLimits, ...options.limits },
      run,
      analyser: () => Effect.succeed(subject.analyser()),
      upstream: {
        credential: () => Effect.succeed({ user: "gateway", password: "" }),
        onBehalfOf: () => "session",
        connect: (_events: PortEvents) => Effect.succeed(this.upstream)
      },
      after: (milliseconds, wake) => this.clock.after(milliseconds, wake),
      now: () => this.clock.now,
      observer: {
        loggedIn: () => {},
        judged: (operation, verdict) => {
          this.operations.push(operation)
          this.verdicts.push(verdict)
        },
        fault: (plugin, stage) => this.faults.push(`${plugin}.${stage}`),
        unavailable: () => {},
        received: () => {},
        cancel: () => {},
        keyed: () => {},
        closed: (reason) => {
          this.closed = reason
        }
      }
    })
    this.relay.start()
  }

  /** Brings the client in. Fails when the subject's login does not end in an open session. */
  login(subject: Subject<F>): this {
    for (const bytes of subject.login) this.send(bytes)
    if (this.closed !== undefined) throw new Error(`The session closed during the login: ${this.closed}`)
    return this
  }

  /** The client sends, cut at `cuts`; the upstream answers whatever reached it, as it comes. */
  send(bytes: Uint8Array, cuts: ReadonlyArray<number> = []): void {
    for (const piece of cutAt(bytes, cuts)) {
      this.relay.events.downstream.received(piece)
      this.serve()
    }
  }

  /** Lets the upstream answer what reached it since; its answer is cut at `cuts`. */
  serve(cuts: ReadonlyArray<number> = []): void {
    for (let answer = this.answer(); answer.length > 0; answer = this.answer()) {
      for (const piece of cutAt(answer, cuts)) {
        // Sockets yield these, whose `slice` copies nothing.
        const chunk = Buffer.from(piece)
        this.upstream.lent.push(chunk)
        this.relay.events.upstream.received(chunk)
      }
    }
  }

  private answer(): Uint8Array {
    const fresh = this.upstream.written.slice(this.sent)
    this.sent = this.upstream.written.length
    return fresh.length === 0 ? new Uint8Array(0) : this.server.receive(concatBytes(fresh))
  }
}

const rigSession = (clock: VirtualClock): Session => ({
  id: "session",
  pipeline: "pipeline",
  peer: { address: "127.0.0.1", port: 1, encrypted: false },
  now: () => clock.now
})

/** Runs effects as the gateway does: what completes at once is reported at once. */
export const run: Run = (effect, done) => {
  let stopped = false
  const fiber = Effect.runFork(effect)
  fiber.addObserver((exit) => {
    if (!stopped) done(resultOf(exit))
  })
  return () => {
    stopped = true
    fiber.interruptUnsafe()
  }
}

const resultOf = <A>(exit: Exit.Exit<A, PluginError>) => {
  if (exit._tag === "Success") return { ok: true as const, value: exit.value }
  const reason = exit.cause.reasons[0]
  const error: PluginError = reason?._tag === "Fail"
    ? reason.error
    : { _tag: "PluginError", plugin: "rig", message: "An effect died." }
  return { ok: false as const, error }
}

/** `bytes` in pieces, cut at each of `cuts` modulo its length. Each piece is a chunk of its own. */
export const cutAt = (bytes: Uint8Array, cuts: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b)
  const pieces: Array<Uint8Array> = []
  let last = 0
  for (const place of [...places, bytes.length]) {
    if (place > last) pieces.push(bytes.slice(last, place))
    last = place
  }
  return pieces
}
