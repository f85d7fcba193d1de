import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import type { Cancellation } from "../protocol/index.ts"
import type { PortEvents } from "../relay/index.ts"
import type { SocketPort } from "../transport/index.ts"
import { after } from "./clock.ts"
import type { Upstream } from "./upstream.ts"

/** A session as someone who asks to cancel it needs it. */
export interface Cancellable {
  readonly upstream: Upstream
  /** Where the session's own connection leads: another server of the same name would not know what to cancel. */
  readonly address: string | undefined
  /** Undefined when nothing runs that could be cancelled. */
  readonly cancellation: () => Cancellation | undefined
  /** Refuses what is held here and has not been sent upstream. False: nothing is. */
  readonly cancelHeld: () => boolean
  /** Whether a cancellation is under way. */
  cancelling: boolean
}

/** What became of a request to cancel. None of it is told to whoever asked. */
export type CancelOutcome = "sent" | "stale" | "unknown_key" | "busy" | "failed"

const CANCEL_MILLISECONDS = 5000

/**
 * The keys by which clients may cancel, of one pipeline. A key reaches the session it was given to and no other.
 *
 * Keys are looked up by a keyed hash and then compared in constant time, so that how long it takes tells nothing.
 */
export class Cancels {
  private readonly secret = randomBytes(32)
  private readonly owners = new Map<string, { readonly key: Uint8Array; readonly owner: Cancellable }>()

  /** From now on `key` cancels what `owner` runs, until what is returned is called. */
  register(key: Uint8Array, owner: Cancellable): () => void {
    const digest = this.digest(key)
    const entry = { key: key.slice(), owner }
    this.owners.set(digest, entry)
    return () => {
      if (this.owners.get(digest) === entry) this.owners.delete(digest)
    }
  }

  get size(): number {
    return this.owners.size
  }

  cancel(key: Uint8Array, done: (outcome: CancelOutcome) => void): void {
    const entry = this.owners.get(this.digest(key))
    if (entry === undefined || entry.key.length !== key.length || !timingSafeEqual(entry.key, key)) {
      return done("unknown_key")
    }
    const { owner } = entry
    if (owner.cancelHeld()) return done("sent")
    if (owner.cancelling) return done("busy")
    if (owner.cancellation() === undefined) return done("stale")
    owner.cancelling = true
    send(owner, (outcome) => {
      owner.cancelling = false
      done(outcome)
    })
  }

  private digest(key: Uint8Array): string {
    return createHmac("sha256", this.secret).update(key).digest("base64")
  }
}

/** Opens a connection of its own for the request, over TLS where the session's is. */
const send = (owner: Cancellable, done: (outcome: CancelOutcome) => void): void => {
  let port: SocketPort | undefined
  let outcome: CancelOutcome = "failed"
  let over = false
  const finish = (): void => {
    if (over) return
    over = true
    stopTimer()
    stopDial()
    port?.destroy()
    done(outcome)
  }
  const request = (): void => {
    // What ran may have ended while the connection was made: then the next operation must not be hit.
    const cancellation = owner.cancellation()
    outcome = cancellation === undefined ? "stale" : "sent"
    if (cancellation === undefined) return finish()
    port!.write(cancellation.request)
  }
  const events: PortEvents = {
    received(chunk) {
      const accepted = outcome === "failed" && chunk.length === 1
        && chunk[0] === owner.cancellation()?.negotiate.accept
      if (accepted) port!.secure()
      else finish()
    },
    drained() {},
    secured: request,
    ended: finish,
    failed: finish
  }
  const stopTimer = after(CANCEL_MILLISECONDS, finish)
  const stopDial = owner.upstream.open((dialled) => {
    if (over) return dialled.ok ? void dialled.socket.destroy() : undefined
    if (!dialled.ok) return finish()
    port = owner.upstream.port(dialled, events, () => {})
    port.resume()
    if (owner.upstream.plan.tls === "off") return request()
    const cancellation = owner.cancellation()
    if (cancellation === undefined) {
      outcome = "stale"
      return finish()
    }
    port.write(cancellation.negotiate.ask)
  }, owner.address)
}
