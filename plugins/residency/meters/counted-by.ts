import type { Protection, Receipt } from "../../../core/index.ts"
import { chainOf } from "../engine/chain.ts"
import type { Inputs } from "../engine/inputs.ts"
import { sinksOf } from "../engine/sinks.ts"
import type { World, WorldDataSet, WorldTransfer } from "../world.ts"

/** A crossing by a capped transfer that a receipt lets through: whose rows must be counted. */
export interface Crossing {
  readonly transfer: WorldTransfer
  readonly dataSet: WorldDataSet
  readonly recipient: string
  /** A person approves it: then twice the cap may leave. */
  readonly approved: boolean
}

/** The crossings that a receipt rests on and that count. Masked rows do not where the transfer says so. */
export const countedBy = (
  world: World,
  inputs: Inputs,
  receipt: Receipt,
  protection: Protection
): ReadonlyArray<Crossing> => {
  if (world.caps.size === 0) return []
  const sinks = sinksOf(world, chainOf(world, inputs.principal))
  const crossings = new Map<string, Crossing>()
  for (const check of receipt.checks) {
    const transfer = check.check !== "home" || check.cites === undefined ? undefined : world.caps.get(check.cites)
    const dataSet = check.data_set === undefined ? undefined : world.dataSets.get(check.data_set)
    if (transfer?.cap === undefined || dataSet === undefined) continue
    const masked = protection.obliged.includes(dataSet.name) || inputs.seen[dataSet.name] === "masked"
    if (masked && transfer.cap.maskedFree) continue
    const approved = receipt.obligations.some(({ cites, data_set, obligation }) =>
      obligation === "approve" && cites === transfer.id && data_set === dataSet.name
    )
    for (const { at, recipients: [recipient], sink } of sinks) {
      if (sink !== check.sink || at.name !== check.at || recipient === undefined) continue
      crossings.set(JSON.stringify([transfer.id, dataSet.name, recipient]), { transfer, dataSet, recipient, approved })
    }
  }
  return [...crossings.values()]
}
