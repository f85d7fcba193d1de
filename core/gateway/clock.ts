/** The wall clock in milliseconds since the epoch, with microseconds after the point: fine enough to time decisions. */
export class Clock {
  private base = 0
  private checkedAt = Number.NEGATIVE_INFINITY

  /** Follows the system's clock when that is set: both are compared once a second. */
  readonly now = (): number => {
    const ticks = performance.now()
    if (ticks - this.checkedAt > 1000) {
      this.checkedAt = ticks
      const base = Date.now() - ticks
      if (Math.abs(base - this.base) > 2) this.base = base
    }
    return this.base + ticks
  }
}

/** Calls `wake` after `milliseconds`; returns what cancels it. */
export const after = (milliseconds: number, wake: () => void): () => void => {
  const timer = setTimeout(wake, milliseconds)
  return () => clearTimeout(timer)
}
