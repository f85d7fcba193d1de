import type { Obligation, ReceiptCheck } from "../../../core/index.ts"
import { type Place, within } from "../compile/zones.ts"
import type { WorldAllowance, WorldDataSet, WorldTransfer } from "../world.ts"
import { type Finding, finding } from "./finding.ts"
import type { Flow } from "./flow.ts"
import type { Sink } from "./sinks.ts"

/** What a pair cites when it rests on the data set's own `masked: leaves`: the masks must then hold for everyone. */
export const leaves = "masked: leaves"

/** One data set, one sink, one way of touching: may this sink see it there? */
export interface Pair {
  readonly check: "home" | "landing" | "taint"
  readonly dataSet: WorldDataSet
  readonly sink: Sink
  /** A mask can cover a read, never a write, nor what a server ships away, nor what a caller may carry along. */
  readonly access: "read" | "written" | "shipped" | "carried"
  /** Where the data comes from, where that is not the pipeline's upstream. */
  readonly from?: Place
}

/** The sequence of RESIDENCY's check 5: home, transfer, exception, the data set's own word; an unknown place never. */
export const judgePair = (flow: Flow, pair: Pair): Finding => {
  const { dataSet, sink, access } = pair
  const base = { check: pair.check, data_set: dataSet.name, sink: sink.sink, at: sink.at.name }
  const answer = (
    rest: Pick<ReceiptCheck, "outcome" | "code" | "cites" | "reason">,
    obligations?: ReadonlyArray<Obligation>
  ) => finding({ ...base, ...rest }, obligations)
  if (sink.at.places === undefined) {
    return answer({ outcome: "deny", code: "residency", reason: `${access}; the sink's place is unknown` })
  }
  if (within(sink.at.places, dataSet.homePlaces)) return answer({ outcome: "allow", reason: `${access}; at home` })
  if (masksCover(pair) && dataSet.masked === "leaves" && flow.inputs.seen[dataSet.name] === "masked") {
    return answer({ outcome: "allow", cites: leaves, reason: `${access}; seen masked` })
  }
  const transfer = dataSet.transfers.find((candidate) =>
    covers(flow, pair, candidate) && crosses(flow, pair, candidate)
  )
  if (transfer !== undefined) {
    const obligations = requirements(transfer, dataSet.name)
    const outcome = transfer.approve ? "approve" : transfer.mask ? "mask" : "allow"
    return answer({ outcome, cites: transfer.id, reason: `${access}; outside home, by transfer` }, obligations)
  }
  const exception = dataSet.exceptions.find((candidate) => covers(flow, pair, candidate))
  if (exception !== undefined) {
    return answer({ outcome: "allow", cites: exception.id, reason: `${access}; outside home, by exception` })
  }
  if (dataSet.otherwise === "approve") {
    return answer({ outcome: "approve", cites: "otherwise: approve", reason: `${access}; outside home` })
  }
  return answer({ outcome: "deny", code: "residency", reason: `${access}; outside home (${dataSet.home.join(", ")})` })
}

const masksCover = ({ access, sink }: Pair): boolean => access === "read" && sink.masks

/** Live, and made for this recipient, this operation and a sink at this place. */
const covers = ({ inputs }: Flow, { access, sink }: Pair, allowance: WorldAllowance): boolean => {
  const { recipients } = allowance
  return allowance.from <= inputs.now && inputs.now < allowance.until
    && allowance.operations.has(access === "carried" ? "write" : inputs.operation.kind)
    && (recipients === undefined || sink.recipients.some((name) => recipients.has(name)))
    && within(sink.at.places, allowance.to)
}

const crosses = ({ pipeline }: Flow, pair: Pair, transfer: WorldTransfer): boolean =>
  within((pair.from ?? pipeline.at).places, transfer.source) && (!transfer.mask || masksCover(pair))

const requirements = (transfer: WorldTransfer, dataSet: string): ReadonlyArray<Obligation> => [
  ...(transfer.mask ? [{ obligation: "mask", data_set: dataSet, cites: transfer.id } as const] : []),
  ...(transfer.approve ? [{ obligation: "approve", data_set: dataSet, cites: transfer.id } as const] : [])
]
