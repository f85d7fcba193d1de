import { type Deny, deny, type TransactionStatus } from "../exchange/index.ts"
import type { Family } from "../family/index.ts"
import type { CloseReason } from "../plugin/index.ts"
import type { Event, Side, Violation } from "../protocol/index.ts"
import { Clocks } from "./clocks.ts"
import { Court } from "./court.ts"
import { type Driver, fail } from "./driver.ts"
import { Entrance } from "./entrance.ts"
import { Hearing } from "./hearing.ts"
import type { Port, PortEvents } from "./port.ts"
import type { Surroundings } from "./surroundings.ts"
import { Waiting } from "./waiting.ts"
import { SPOOL_WAIT_MILLISECONDS, Written } from "./written.ts"

/** Above this much that is received and that nobody asks for now, a side is not read any further, in bytes. */
const UNREAD_BYTES_HIGH = 262_144

/**
 * Drives one session: asks the codec what came, asks the stages what to do, tells the codec what leaves.
 *
 * It never sees a socket and never looks into bytes. One turn (`pump`) takes every event that can be taken now, from
 * upstream first, because answers make room for questions; then everything that became ready leaves, one write for a
 * run of bytes. A held judgement, a slow peer or an unwritten record simply means that a side is not asked.
 */
export class Relay<F extends Family> implements Driver {
  /** What the ports call. */
  readonly events: { readonly downstream: PortEvents; readonly upstream: PortEvents }
  closed = false
  private readonly around: Surroundings<F>
  private readonly waiting: Waiting
  private readonly written: Written
  private readonly clocks: Clocks
  private readonly entrance: Entrance<F>
  private readonly hearing: Hearing<F>
  private readonly court: Court<F>
  private readonly slow = { downstream: false, upstream: false }
  private readonly securing = { downstream: false, upstream: false }
  private pumping = false
  private draining = false
  private keyed = false
  private ready = false
  private transaction: TransactionStatus = "idle"
  private activeAt = 0
  private awaitingWrite = false
  private unwrittenSince = 0
  private ending: { readonly reason: CloseReason; readonly denial: Deny } | undefined

  constructor(around: Surroundings<F>) {
    this.around = around
    this.waiting = new Waiting(around, (act) => this.guarded(act), (notice) => this.tell(notice))
    this.written = new Written(around.stages.spools)
    this.clocks = new Clocks(around)
    this.entrance = new Entrance(this, around, this.waiting, this.written, this.clocks)
    this.hearing = new Hearing(around, this.written, () => this.entrance.opened?.analyser)
    this.court = new Court(this, around, this.hearing, this.waiting)
    this.events = { downstream: this.eventsOf("downstream"), upstream: this.eventsOf("upstream") }
  }

  /** Begins: the client has `loginSeconds` from here. */
  start(): void {
    const { downstream, limits, now } = this.around
    this.activeAt = now()
    this.clocks.at("login", this.activeAt + limits.loginSeconds * 1000, () => {
      this.close("refused", this.tooLate(limits.loginSeconds))
    })
    downstream.resume()
  }

  /** Who is in still waits for the upstream: that is not the client's fault. */
  private tooLate(seconds: number): Deny {
    return this.entrance.opened === undefined
      ? deny("login_timeout", `The login was not finished within ${seconds} seconds.`)
      : deny("upstream_unreachable", `The upstream did not let the gateway in within ${seconds} seconds.`)
  }

  /** True when nothing is asked, nothing is owed and no transaction is open. */
  get idle(): boolean {
    return this.ready && this.hearing.open === 0 && !this.waiting.active && this.transaction === "idle"
  }

  /** The client no longer wants what is held. False: nothing is held, or the client is not in yet. */
  cancelHeld(): boolean {
    if (this.closed || !this.ready) return false
    const denial = deny("cancelled", "The client cancelled the operation while it waited.")
    let refused = false
    this.guarded(() => refused = this.waiting.refuse(denial))
    return refused
  }

  /** Lets what is in flight finish, then closes in the protocol's words. */
  drain(): void {
    this.draining = true
    this.closeIfDrained()
  }

  close(reason: CloseReason, denial?: Deny): void {
    if (this.closed) return
    const { codec, downstream, observer, stages } = this.around
    this.closed = true
    this.attempt(() => {
      if (denial !== undefined) codec.close(denial)
      this.flushDownstream()
    })
    this.waiting.cancel()
    this.clocks.stopAll()
    this.attempt(this.entrance.stopWatching)
    this.hearing.abandon()
    stages.close(reason)
    downstream.end()
    this.attempt(() => this.leaveUpstream(), () => this.upstream?.destroy())
    observer.closed(reason, denial?.message)
  }

  end(reason: CloseReason, denial: Deny, finish: boolean): void {
    this.guarded(() => {
      if (!finish) return this.close(reason, denial)
      this.hearing.refuse(denial)
      this.ending = { reason, denial }
      this.closeIfFinished()
    })
  }

  private leaveUpstream(): void {
    const port = this.upstream
    if (port === undefined) return
    // What is not recorded must not run: bytes that wait for the ledger are dropped with the connection.
    if (!this.written.all) return port.destroy()
    this.transmit("upstream", port)
    port.end()
  }

  private get upstream(): Port | undefined {
    return this.entrance.opened?.port
  }

  private eventsOf(side: Side): PortEvents {
    return {
      received: (chunk) => this.received(side, chunk),
      drained: () => {
        this.slow[side] = false
        this.pump()
      },
      secured: (tls) => {
        if (this.closed) return
        this.securing[side] = false
        this.guarded(() => this.around.codec.secured(side, tls))
        this.pump()
      },
      ended: () => {
        if (this.closed) return
        this.guarded(() => this.around.codec.end(side))
        this.pump()
        this.lost(side, "it closed the connection")
      },
      failed: (reason) => this.lost(side, reason)
    }
  }

  private received(side: Side, chunk: Uint8Array): void {
    if (this.closed) return
    this.activeAt = this.around.now()
    this.around.observer.received(side, chunk.length)
    try {
      this.around.codec.receive(side, chunk)
    } catch (error) {
      return this.broken(error)
    }
    this.pump()
  }

  private lost(side: Side, reason: string): void {
    if (side === "downstream") return this.close("client_lost")
    this.close("upstream_lost", deny("upstream_lost", `The connection to the upstream was lost: ${reason}.`))
  }

  pump(): void {
    if (this.pumping || this.closed) return
    this.pumping = true
    try {
      this.takeEvents()
    } catch (error) {
      this.broken(error)
    }
    this.pumping = false
    if (this.closed) return
    try {
      this.flush()
      this.recycle()
      this.pace()
    } catch (error) {
      this.broken(error)
    }
    this.closeIfFinished()
  }

  private takeEvents(): void {
    for (let event = this.next(); event !== undefined; event = this.next()) {
      this.handle(event)
      if (this.closed) return
    }
  }

  /** Plugins' faults are caught where they happen; what still throws is the codec's or ours, and ends the session. */
  private guarded(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.broken(error)
    }
  }

  private broken(error: unknown): void {
    this.around.observer.fault("codec", "relay", error)
    fail(this, "The gateway failed to follow the conversation.")
  }

  /** While closing, whatever fails must not keep the rest from being closed. */
  private attempt(act: () => void, otherwise?: () => void): void {
    try {
      act()
    } catch (error) {
      this.around.observer.fault("codec", "close", error)
      otherwise?.()
    }
  }

  private next(): Event<F> | undefined {
    const { codec } = this.around
    if (!this.securing.upstream) {
      const answer = codec.next("upstream")
      if (answer !== undefined) return answer
    }
    if (this.waiting.active || this.securing.downstream || this.slow.upstream) return undefined
    return codec.next("downstream")
  }

  private handle(event: Event<F>): void {
    switch (event._tag) {
      case "Output":
        return this.court.onOutput(event)
      case "Asked":
        return this.court.onAsked(event)
      case "Settled":
        return this.court.onSettled(event)
      case "Relay":
        return this.around.codec.forward(event)
      case "Ready":
        return this.onReady(event.transaction)
      case "Input":
        return this.court.onInput(event)
      case "Login":
        return this.entrance.onLogin(event.login, this.events.upstream)
      case "Upgrade":
        return this.onUpgrade(event.side, event.unread)
      case "Cancel":
        this.around.observer.cancel(event.key)
        return this.close("finished")
      case "Goodbye":
        return event.side === "downstream" ? this.close("finished") : this.lost("upstream", "it said goodbye")
      case "Violation":
        return this.onViolation(event)
    }
  }

  private onReady(transaction: TransactionStatus): void {
    this.transaction = transaction
    this.entrance.opened?.analyser.ready(transaction)
    if (this.ready) return
    this.ready = true
    this.clocks.stop("login")
    this.watchIdleness()
  }

  private onUpgrade(side: Side, unread: Uint8Array | undefined): void {
    const port = side === "downstream" ? this.around.downstream : this.upstream
    if (port === undefined) return fail(this, "A connection that is not open cannot be secured.")
    this.transmit(side, port)
    this.securing[side] = true
    port.secure(unread)
  }

  private onViolation(violation: Violation): void {
    const code = violation.side === "downstream" ? "protocol_violation" : "upstream_violation"
    this.close("violation", deny(code, violation.message, { detail: `${violation.code} at byte ${violation.offset}` }))
  }

  private flush(): void {
    this.flushDownstream()
    const port = this.upstream
    if (port === undefined) return
    if (this.written.all) return this.transmit("upstream", port)
    if (this.awaitingWrite) return
    this.awaitingWrite = true
    this.unwrittenSince = this.around.now()
    if (!this.clocks.has("spool")) this.watchSpool()
    this.written.whenAll(this.onWritten)
  }

  private readonly onWritten = (): void => {
    this.awaitingWrite = false
    if (this.closed) return
    try {
      this.flush()
    } catch (error) {
      this.broken(error)
    }
  }

  /** What has left needs its memory no more: neither what was made here, nor the chunks that answers came in. */
  private recycle(): void {
    const { codec, downstream } = this.around
    const { upstream } = this
    if (upstream?.taken === true) codec.sent?.("upstream")
    if (downstream.taken !== true) return
    codec.sent?.("downstream")
    if (codec.release?.("upstream") === true) upstream?.reclaim?.()
  }

  /** Looks, now and then, whether what was recorded has been waiting for too long: no alarm is set for each record. */
  private watchSpool(): void {
    this.clocks.at("spool", this.unwrittenSince + SPOOL_WAIT_MILLISECONDS, () => {
      if (!this.awaitingWrite) return
      if (this.around.now() < this.unwrittenSince + SPOOL_WAIT_MILLISECONDS) return this.watchSpool()
      this.close("fault", deny("ledger", "What was asked could not be recorded in time, so it did not run."))
    })
  }

  /** Says something that is no answer: at once, unless this turn is about to send anyway. */
  private tell(notice: string): void {
    this.around.codec.notice(notice)
    if (!this.pumping) this.flushDownstream()
  }

  private flushDownstream(): void {
    const { codec, downstream, observer } = this.around
    this.transmit("downstream", downstream)
    if (this.keyed || codec.cancelKey === undefined) return
    this.keyed = true
    observer.keyed(codec.cancelKey, () => codec.cancellation())
  }

  private transmit(side: Side, port: Port): void {
    const { codec } = this.around
    for (let bytes = codec.transmit(side); bytes !== undefined; bytes = codec.transmit(side)) {
      if (!port.write(bytes)) this.slow[side] = true
    }
  }

  /**
   * Reads a side only while the other keeps up and what was read is being understood. The codec may be waiting for the
   * rest of one long message: as much as that is always read.
   */
  private pace(): void {
    if (this.closed) return
    const { codec, downstream, limits } = this.around
    const high = UNREAD_BYTES_HIGH + limits.messageBytesMax
    const unasked = this.waiting.active ? UNREAD_BYTES_HIGH : high
    if (this.slow.upstream || codec.buffered("downstream") > unasked) downstream.pause()
    else downstream.resume()
    if (this.slow.downstream || codec.buffered("upstream") > high) this.upstream?.pause()
    else this.upstream?.resume()
  }

  private watchIdleness(): void {
    const { limits, now } = this.around
    this.clocks.at("idle", Math.max(this.activeAt + limits.idleSeconds * 1000, now() + 1000), () => {
      const quiet = now() - this.activeAt >= limits.idleSeconds * 1000
      if (!quiet || this.hearing.open > 0 || this.waiting.active) return this.watchIdleness()
      this.close("idle", deny("idle", `Nothing was asked for ${limits.idleSeconds} seconds.`))
    })
  }

  private closeIfFinished(): void {
    if (this.ending !== undefined && this.hearing.open === 0 && !this.waiting.active) {
      this.close(this.ending.reason, this.ending.denial)
    }
    this.closeIfDrained()
  }

  private closeIfDrained(): void {
    if (!this.draining || this.closed) return
    const unused = !this.ready && this.entrance.opened === undefined && !this.waiting.active
    if (this.idle || unused) {
      this.close("shutdown", deny("shutdown", "The gateway is shutting down.", { hint: "Connect again." }))
    }
  }
}
