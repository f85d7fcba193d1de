import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { randomUUID } from "node:crypto"
import { type PluginError, pluginError, type State } from "../../../core/index.ts"
import type { Spent } from "../engine/inputs.ts"
import type { World, WorldTransfer } from "../world.ts"
import { Meter } from "./meter.ts"
import { keyOf, type MeterName, nameOf } from "./record.ts"

type Store = State["Service"]

const space = "meters"
const storeMilliseconds = 1000
const idleSecondsMax = 60

/**
 * All meters of a gateway, over the state that outlives it. Counting is in memory; storing is batched, and never behind
 * what left: see `Meter`.
 */
export class Meters {
  private readonly state: Store
  private readonly holder = randomUUID()
  private readonly entries: Map<string, string>
  private readonly meters = new Map<string, Meter>()
  private readonly storing = new Set<Meter>()
  private spentFor: World | undefined
  private spentUntil = Number.NEGATIVE_INFINITY
  private spentNow: ReadonlyArray<Spent> = []
  /** Whether a level may have changed since `spent` last looked. */
  private isStale = true
  /** Seconds for which a meter that holds room counted nothing. */
  private readonly idle = new Map<Meter, number>()

  constructor(state: Store, entries: ReadonlyArray<readonly [key: string, value: string]>) {
    this.state = state
    this.entries = new Map(entries)
  }

  /** Reads what was counted before. Fails when the state cannot be read: then nobody knows who left. */
  static readonly load = (state: Store): Effect.Effect<Meters, PluginError> =>
    Effect.map(state.list(space, ""), (entries) => new Meters(state, entries))

  /** The meter of a capped transfer for one data set and one recipient; one for all of them where the file says so. */
  meterOf(transfer: WorldTransfer, dataSet: string, recipient: string, now: number): Meter {
    const name = meterName(transfer, dataSet, recipient)
    const { count, window } = transfer.cap!
    const id = keyOf(name, window, 0)
    let meter = this.meters.get(id)
    if (meter === undefined) {
      meter = new Meter(name, window, count, this.holder, (key) => this.entries.get(key))
      this.meters.set(id, meter)
    }
    if (meter.cap !== count) {
      meter.cap = count
      this.isStale = true
    }
    meter.turn(now)
    return meter
  }

  /** Counts a person, and asks for room in time. See `Meter.take`. */
  take(meter: Meter, digest: number | undefined, limit: number): boolean {
    const { level } = meter
    const taken = meter.take(digest, limit)
    if (meter.isLow && !this.storing.has(meter)) Effect.runFork(Effect.ignore(this.store(meter, true)))
    const answer = taken || meter.take(digest, limit)
    if (meter.level !== level) this.isStale = true
    return answer
  }

  /** The caps that are reached. The same array for as long as they are the same. */
  spent(world: World, now: number): ReadonlyArray<Spent> {
    if (world === this.spentFor && now < this.spentUntil && !this.isStale) return this.spentNow
    if (world !== this.spentFor) this.wake(world, now)
    const found: Array<Spent> = []
    let until = Number.POSITIVE_INFINITY
    for (const meter of this.meters.values()) {
      if (!world.caps.has(meter.name.transfer)) continue
      meter.turn(now)
      until = Math.min(until, meter.until)
      const { level, name } = meter
      if (level !== undefined) found.push({ ...name, level })
    }
    this.spentFor = world
    this.spentUntil = until
    this.isStale = false
    if (!same(found, this.spentNow)) this.spentNow = found
    return this.spentNow
  }

  /** Stores what was counted, and reserves room. */
  store(meter: Meter, reserves: boolean): Effect.Effect<void, PluginError> {
    return Effect.suspend(() => {
      this.storing.add(meter)
      const { change, key } = meter.storing(reserves)
      return this.state.update(space, key, change).pipe(
        Effect.flatMap((stored) => {
          if (stored === undefined) {
            return Effect.fail(pluginError("residency", "A meter's count cannot be read, so nobody may leave by it."))
          }
          meter.apply(stored)
          this.isStale = true
          return Effect.void
        }),
        Effect.ensuring(Effect.sync(() => this.storing.delete(meter)))
      )
    })
  }

  /** Reserves room for all of `meters`: at once where the state answers at once, else in the effect that is given. */
  reserve(meters: ReadonlyArray<Meter>): Effect.Effect<void, PluginError> | undefined {
    const fiber = Effect.runFork(Effect.forEach(meters, (meter) => this.store(meter, true), { discard: true }))
    const exit = fiber.pollUnsafe()
    return exit?._tag === "Success" ? undefined : Fiber.join(fiber)
  }

  /** Stores for ever, every second, what was counted; room that nobody used for a minute is given back. */
  readonly keepStored: Effect.Effect<never> = Effect.forever(
    Effect.sleep(storeMilliseconds).pipe(Effect.andThen(Effect.suspend(() => this.storeCounted())))
  )

  /** Stores everything, and gives all room back: the gateway stops. */
  storeAll(): Effect.Effect<void> {
    const due = [...this.meters.values()].filter((meter) => meter.isCounted || meter.isReady)
    return Effect.forEach(due, (meter) => Effect.ignore(this.store(meter, false)), { discard: true })
  }

  private storeCounted(): Effect.Effect<void> {
    const due: Array<readonly [Meter, reserves: boolean]> = []
    for (const meter of this.meters.values()) {
      const idle = meter.isCounted || !meter.isReady ? 0 : (this.idle.get(meter) ?? 0) + 1
      this.idle.set(meter, idle)
      if (meter.isCounted) due.push([meter, true])
      else if (idle >= idleSecondsMax) due.push([meter, false])
    }
    return Effect.forEach(due, ([meter, reserves]) => Effect.ignore(this.store(meter, reserves)), { discard: true })
  }

  /** Makes the meters of what was stored in former lives. */
  private wake(world: World, now: number): void {
    for (const key of this.entries.keys()) {
      const name = nameOf(key)
      const transfer = name === undefined ? undefined : world.caps.get(name.transfer)
      if (name === undefined || transfer?.cap?.window !== name.window) continue
      if ((transfer.cap.per === "transfer") === (name.recipient === "*")) {
        this.meterOf(transfer, name.data_set, name.recipient, now)
      }
    }
  }
}

/** The name of the meter that a crossing counts on. */
export const meterName = ({ cap, id }: WorldTransfer, dataSet: string, recipient: string): MeterName =>
  cap?.per === "transfer"
    ? { transfer: id, data_set: "*", recipient: "*" }
    : { transfer: id, data_set: dataSet, recipient }

const same = (a: ReadonlyArray<Spent>, b: ReadonlyArray<Spent>): boolean =>
  a.length === b.length
  && a.every((one, index) => {
    const other = b[index] as Spent
    return one.transfer === other.transfer && one.data_set === other.data_set && one.recipient === other.recipient
      && one.level === other.level
  })
