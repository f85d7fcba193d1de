import type { StateChange } from "../../../core/index.ts"
import { type Period, periodAt } from "./period.ts"
import { emptyRecord, keyOf, type MeterName, readRecord, type SliceRecord, writeRecord } from "./record.ts"
import { Sketch } from "./sketch.ts"

/** `cap`: as many people as the cap says have left; `twice`: twice as many. */
type Level = "cap" | "twice" | undefined

interface Slice {
  readonly sketch: Sketch
  /** As stored, and those of ours that are not stored yet. */
  unnamed: number
  unstored: number
  /** Room that other gateways hold, or held when they fell. */
  others: number
}

/** What a gateway asks for at a time: so many people it may lose from the budget when it falls. */
const blockOf = (cap: number): number => Math.max(1024, Math.ceil(cap / 20))

/**
 * One meter: how many people left by one transfer for one recipient, in its window. Counts in memory, and lets nobody
 * out beyond the *room* that was reserved in the state before: what is lost with the process is counted as spent.
 */
export class Meter {
  readonly name: MeterName
  readonly window: string
  /** People. */
  cap: number
  /** People that may still leave before the next reservation, and how many were granted by the last. */
  private room = 0
  private granted = 0
  /** Whether anything was counted since it was last stored. */
  private counted = false
  private reached: Level
  private period: Period = { slices: [], until: Number.NEGATIVE_INFINITY }
  private slices = new Map<number, Slice>()
  private current: Slice = sliceOf(emptyRecord(), "")
  private union: Sketch = this.current.sketch
  private readonly holder: string
  private readonly stored: (key: string) => string | undefined
  /** A stored slice could not be read. */
  private broken = false

  /** `holder`: this gateway. `stored`: what the state had when it was last looked at. */
  constructor(
    name: MeterName,
    window: string,
    cap: number,
    holder: string,
    stored: (key: string) => string | undefined
  ) {
    this.name = name
    this.window = window
    this.cap = cap
    this.holder = holder
    this.stored = stored
  }

  /** Turns to the window at `now`: milliseconds since the epoch. */
  turn(now: number): void {
    const { slices, until } = this.period
    if (now < until && now >= (slices.at(-1) ?? Number.POSITIVE_INFINITY)) return
    this.period = periodAt(this.window, now)
    const before = this.slices
    this.slices = new Map(this.period.slices.map((start) => [start, before.get(start) ?? this.load(start)]))
    this.current = [...this.slices.values()].at(-1) as Slice
    this.room = this.granted = 0
    this.unite()
    this.weigh()
  }

  /** People of the window, and those whom other gateways may be letting out. */
  get total(): number {
    if (this.broken) return Number.POSITIVE_INFINITY
    let total = this.union.count
    for (const { unnamed, unstored, others } of this.slices.values()) total += unnamed + unstored + others
    return total
  }

  /** How much of the cap is used up. */
  get level(): Level {
    return this.reached
  }

  get isReady(): boolean {
    return this.room > 0
  }

  /** Whether to ask for more room now. */
  get isLow(): boolean {
    return this.room < this.granted / 2
  }

  get isCounted(): boolean {
    return this.counted
  }

  /** The first instant of the next slice. */
  get until(): number {
    return this.period.until
  }

  /**
   * Counts a person, by the digest of the subject; undefined for one who cannot be told from others. False: the person
   * may not leave, because `limit` is reached or no room is reserved.
   */
  take(digest: number | undefined, limit: number): boolean {
    const { current, union } = this
    const known = digest !== undefined && union.has(digest)
    if (known && (union === current.sketch || current.sketch.has(digest))) return true
    if (this.room <= 0 || (!known && this.total >= limit)) return false
    this.counted = true
    const before = current.sketch.count
    if (digest === undefined) current.unstored++
    else {
      current.sketch.add(digest)
      if (union !== current.sketch) union.add(digest)
    }
    this.room -= digest === undefined ? 1 : current.sketch.count - before
    this.weigh()
    return true
  }

  /**
   * What stores the count and reserves room, or gives all room back. Apply the result afterwards. Pure: the state may
   * run it more than once.
   */
  storing(reserves: boolean): { readonly key: string; readonly change: (text: string | undefined) => Change } {
    const { cap, current, holder } = this
    const key = keyOf(this.name, this.window, this.period.slices.at(-1) ?? 0)
    const [sketch, union, unstored] = [current.sketch.copy(), this.union.copy(), current.unstored]
    let older = 0
    for (const slice of this.slices.values()) if (slice !== current) older += slice.unnamed + slice.others
    const change = (text: string | undefined): Change => {
      const stored = text === undefined ? emptyRecord() : readRecord(text)
      if (stored === undefined) return { next: text, result: undefined }
      const unnamed = stored.unnamed + unstored
      const others = sumWithout(stored.reserved, holder)
      const [ours, all] = [sketch.copy(), union.copy()]
      ours.merge(stored.sketch)
      all.merge(stored.sketch)
      const free = Math.max(0, Math.ceil(2 * cap - all.count - unnamed - others - older))
      const room = reserves ? Math.min(blockOf(cap), free) : 0
      const { [holder]: _, ...rest } = stored.reserved
      const reserved = room > 0 ? { ...rest, [holder]: room } : rest
      return {
        next: writeRecord({ sketch: ours, unnamed, reserved }),
        result: { current, count: sketch.count, unstored, stored: { sketch: ours, unnamed, reserved }, room }
      }
    }
    return { key, change }
  }

  /** Takes in what was stored. */
  apply({ count, current, room, stored, unstored }: Stored): void {
    // A window may have ended meanwhile: then this is about a slice that is none of the current one.
    if (current !== this.current) return
    const grown = current.sketch.count - count + (current.unstored - unstored)
    current.sketch.merge(stored.sketch)
    if (this.union !== current.sketch) this.union.merge(stored.sketch)
    current.unnamed = stored.unnamed
    current.unstored -= unstored
    current.others = sumWithout(stored.reserved, this.holder)
    this.room = room - Math.max(0, grown)
    this.granted = room
    this.counted = grown > 0
    this.weigh()
  }

  private weigh(): void {
    const { cap, total } = this
    this.reached = total >= 2 * cap ? "twice" : total >= cap ? "cap" : undefined
  }

  private load(start: number): Slice {
    const text = this.stored(keyOf(this.name, this.window, start))
    const record = text === undefined ? emptyRecord() : readRecord(text)
    if (record === undefined) this.broken = true
    return sliceOf(record ?? emptyRecord(), this.holder)
  }

  private unite(): void {
    this.union = this.current.sketch
    if (this.slices.size === 1) return
    this.union = new Sketch()
    for (const { sketch } of this.slices.values()) this.union.merge(sketch)
  }
}

/** What came of storing. */
export interface Stored {
  readonly current: Slice
  readonly count: number
  readonly unstored: number
  readonly stored: SliceRecord
  readonly room: number
}
type Change = StateChange<Stored | undefined>

const sliceOf = ({ reserved, sketch, unnamed }: SliceRecord, holder: string): Slice => ({
  sketch,
  unnamed,
  unstored: 0,
  others: sumWithout(reserved, holder)
})

const sumWithout = (reserved: Readonly<Record<string, number>>, holder: string): number => {
  let sum = 0
  for (const [name, room] of Object.entries(reserved)) if (name !== holder) sum += room
  return sum
}
