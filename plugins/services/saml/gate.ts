const MINUTE_MILLISECONDS = 60_000
/** How many addresses' full shares there are in all. */
const SHARES = 10

/** What one address did in this minute, and when that began. */
interface Minute {
  readonly number: number
  all: number
  readonly of: Map<string, number>
}

/**
 * How often strangers may do what costs something: each address `share` times a minute, all together ten times that.
 *
 * Fair when it is short: once half of it is used, an address that has had a tenth of its share gets no more, so that
 * those who come late find something left. Whoever would use up all of it for everybody needs addresses by the dozen.
 * What is refused is not counted, and needs no memory.
 */
export class Gate {
  private readonly share: number
  private minute: Minute = { number: 0, all: 0, of: new Map() }

  constructor(share: number) {
    this.share = share
  }

  /** Whether `address` may once more. `now` in milliseconds since the epoch. */
  admits(address: string, now: number): boolean {
    const number = Math.floor(now / MINUTE_MILLISECONDS)
    if (number !== this.minute.number) this.minute = { number, all: 0, of: new Map() }
    const { minute, share } = this
    const source = sourceOf(address)
    const had = minute.of.get(source) ?? 0
    const scarce = minute.all >= share * SHARES / 2
    if (had >= (scarce ? Math.max(1, Math.floor(share / SHARES)) : share) || minute.all >= share * SHARES) return false
    minute.of.set(source, had + 1)
    minute.all++
    return true
  }
}

/** Who has one address of IPv6 has all of its /64 (RFC 6177); one of IPv4 may come in IPv6's clothes. */
export const sourceOf = (address: string): string => {
  const [plain = ""] = address.split("%")
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1]
  if (mapped !== undefined || !plain.includes(":")) return mapped ?? plain
  const [head = "", tail] = plain.split("::")
  const groups = head === "" ? [] : head.split(":")
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length)
  const whole = [...groups, ...Array.from({ length: missing }, () => "0"), ...(tail ?? "").split(":")]
  return whole.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(":")
}
