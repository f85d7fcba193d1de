const day = 86_400_000
/** A window of days is counted in at most so many slices, so that old ones can fall out of it. */
const slicesMax = 12

/** The slices of time that a window looks at, each with a sketch of its own. */
export interface Period {
  /** Starts of all slices that the window touches, ascending; the last is the one that is now. Epoch milliseconds. */
  readonly slices: ReadonlyArray<number>
  /** The first instant at which the slices are others. */
  readonly until: number
}

/**
 * The window at `now`, in UTC. `calendar_day`, `_week` (from Monday), `_month`, `_quarter` and `_year` are one slice
 * that starts again empty. `Nd` rolls: slices of a day, or of a twelfth of the window where that is longer; the oldest
 * counts until all of it is out, so people count for N days and up to one slice more, never less.
 */
export const periodAt = (window: string, now: number): Period => {
  if (!window.startsWith("calendar_")) return rolling(Number(window.slice(0, -1)), now)
  const at = new Date(now)
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()]
  const midnight = Date.UTC(year, month, at.getUTCDate())
  switch (window) {
    case "calendar_day":
      return { slices: [midnight], until: midnight + day }
    case "calendar_week": {
      const monday = midnight - ((at.getUTCDay() + 6) % 7) * day
      return { slices: [monday], until: monday + 7 * day }
    }
    case "calendar_month":
      return { slices: [Date.UTC(year, month)], until: Date.UTC(year, month + 1) }
    case "calendar_quarter": {
      const first = month - month % 3
      return { slices: [Date.UTC(year, first)], until: Date.UTC(year, first + 3) }
    }
    default:
      return { slices: [Date.UTC(year, 0)], until: Date.UTC(year + 1, 0) }
  }
}

const rolling = (days: number, now: number): Period => {
  const length = Math.ceil(days / slicesMax) * day
  const last = Math.floor(now / length) * length
  const slices: Array<number> = []
  for (let start = last; start + length > now - days * day; start -= length) slices.unshift(start)
  return { slices, until: last + length }
}
