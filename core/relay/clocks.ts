/** What the relay's timers need of it. */
export interface Timed {
  readonly now: () => number
  readonly after: (milliseconds: number, wake: () => void) => () => void
}

/** Timers hold at most 2^31-1 milliseconds. */
const TIMER_MILLISECONDS_MAX = 2_000_000_000

/** The alarms of one session, by name: setting one again replaces it, and stopping stops them all. */
export class Clocks {
  private readonly timed: Timed
  private readonly cancels = new Map<string, () => void>()

  constructor(timed: Timed) {
    this.timed = timed
  }

  /** Wakes `wake` once `now` has reached `at`, in milliseconds since the epoch. */
  at(name: string, at: number, wake: () => void): void {
    this.stop(name)
    const wait = Math.min(Math.max(0, at - this.timed.now()), TIMER_MILLISECONDS_MAX)
    this.cancels.set(
      name,
      this.timed.after(wait, () => {
        this.cancels.delete(name)
        if (this.timed.now() < at) this.at(name, at, wake)
        else wake()
      })
    )
  }

  has(name: string): boolean {
    return this.cancels.has(name)
  }

  stop(name: string): void {
    this.cancels.get(name)?.()
    this.cancels.delete(name)
  }

  stopAll(): void {
    for (const cancel of this.cancels.values()) cancel()
    this.cancels.clear()
  }
}
