/** How many more may come, of each: fills up by `perMinute`, holds at most as much. */
export class Limit {
  private readonly perMinute: number
  private readonly left = new Map<string, { tokens: number; at: number }>()

  constructor(perMinute: number) {
    this.perMinute = perMinute
  }

  /** False: too many of this one came lately. `now` in milliseconds. */
  take(who: string, now: number): boolean {
    if (this.left.size > WHO_MAX) this.forget(now)
    const known = this.left.get(who) ?? { tokens: this.perMinute, at: now }
    const tokens = Math.min(this.perMinute, known.tokens + Math.max(0, now - known.at) * this.perMinute / 60_000)
    this.left.set(who, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    return tokens >= 1
  }

  /** Whoever was quiet for a minute has a full measure again. */
  private forget(now: number): void {
    for (const [who, { at }] of this.left) if (now - at > 60_000) this.left.delete(who)
  }
}

const WHO_MAX = 10_000
