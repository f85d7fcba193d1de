import * as Effect from "effect/Effect"
import {
  allow,
  defineFact,
  type Deny,
  deny,
  type Hold,
  hold,
  type Operation,
  type Output,
  type Verdict
} from "../../../core/index.ts"
import type { Statement } from "../../../core/family/sql/index.ts"
import type { DecisionMade } from "../decisions.ts"
import type { World } from "../world.ts"
import { type Counted, Counting } from "./counting.ts"
import type { Meters } from "./meters.ts"

/** What of an operation's answer counts, for the exchange that it is owed to. Set only where something does. */
export interface Tally {
  readonly counted: ReadonlyArray<Counted>
  readonly counting: Counting
}
export const Tally = defineFact<Tally | undefined>()("sluice/tally")

/** How long the state may take to answer, in milliseconds. */
const withinMilliseconds = 5000

/** One session's part in the meters. */
export class Tallier {
  private readonly meters: Meters

  constructor(meters: Meters) {
    this.meters = meters
  }

  spent(world: World, now: number): ReturnType<Meters["spent"]> {
    return this.meters.spent(world, now)
  }

  tally({ crossings, isShadow }: DecisionMade, operation: Operation, now: number): Tally | undefined {
    if (crossings.length === 0) return undefined
    const counted = crossings.map(({ approved, dataSet, recipient, transfer }): Counted => ({
      meter: this.meters.meterOf(transfer, dataSet.name, recipient, now),
      transfer,
      dataSet,
      limit: isShadow || dataSet.mode === "shadow" ? Infinity : transfer.cap!.count * (approved ? 2 : 1)
    }))
    return { counted, counting: new Counting(this.meters, counted, operation as Statement) }
  }

  /** Makes sure that there is room to count in, before anything runs. */
  reserve({ counted }: Tally): Verdict | Hold<Verdict> {
    const due = counted.filter(({ meter }) => !meter.isReady)
    const until = due.length === 0 ? undefined : this.meters.reserve([...new Set(due.map(({ meter }) => meter))])
    if (until === undefined) return verdictOf(counted)
    return hold({
      reason: "who has left by a capped transfer is being looked up",
      within: withinMilliseconds,
      until: Effect.map(until, () => verdictOf(counted))
    })
  }

  see(output: Output, tally: Tally | undefined): Deny | undefined {
    return tally?.counting.see(output)
  }
}

/** Others may have used up what was there when the operation was judged. */
const verdictOf = (counted: ReadonlyArray<Counted>): Verdict => {
  const full = counted.find(({ limit, meter }) => Number.isFinite(limit) && (!meter.isReady || meter.total >= limit))
  return full === undefined ? allow : deny(
    "residency",
    `The cap of transfer ${full.transfer.id} was reached while this was judged.`,
    {
      detail: `check home; data set ${full.dataSet.name}; by ${full.transfer.id}`,
      hint: "Ask again: it is judged anew."
    }
  )
}
