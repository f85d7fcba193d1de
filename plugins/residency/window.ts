import type { World } from "./world.ts"

/** A stretch of time in which no transfer and no exception begins or ends: one answer holds for all of it. */
export interface Window {
  /** Milliseconds since the epoch. The instant that stands for the whole window in the engine's inputs. */
  readonly start: number
  /** The first instant after it. */
  readonly end: number
}

/**
 * The window that `now` lies in. Where a rule reads the clock every instant is its own window, so that no answer is
 * used twice.
 */
export const windowAt = (world: World, now: number): Window => {
  if (world.readsClock) return { start: now, end: now }
  let low = 0
  let high = world.boundaries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((world.boundaries[middle] ?? Infinity) <= now) low = middle + 1
    else high = middle
  }
  return { start: low === 0 ? 0 : world.boundaries[low - 1] ?? 0, end: world.boundaries[low] ?? Infinity }
}
