/** How many more may come, of each: fills up by as many a minute, and holds at most as many. */
export class Limit {
  private readonly left = new Map<string, { tokens: number; at: number }>()

  /** False: too many of this one came lately. `now` in milliseconds. */
  take(who: string, now: number, perMinute: number): boolean {
    if (this.left.size > WHO_MAX) this.forget(now)
    const known = this.left.get(who) ?? { tokens: perMinute, at: now }
    const tokens = Math.min(perMinute, known.tokens + Math.max(0, now - known.at) * perMinute / 60_000)
    this.left.set(who, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    return tokens >= 1
  }

  /** Whoever was quiet for a minute has a full measure again. */
  private forget(now: number): void {
    for (const [who, { at }] of this.left) if (now - at > 60_000) this.left.delete(who)
  }
}

const WHO_MAX = 10_000
