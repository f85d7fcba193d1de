import type { Obligation, ReceiptCheck } from "../../../core/index.ts"
import { type Place, within } from "../compile/zones.ts"
import type { WorldAllowance, WorldDataSet, WorldTransfer } from "../world.ts"
import { type Finding, finding } from "./finding.ts"
import type { Flow } from "./flow.ts"
import { isAtHome, isNothing } from "./homes.ts"
import type { Inputs } from "./inputs.ts"
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
  /** The homes of the rows that a caller carries, where that is known. */
  readonly homes?: Inputs["homes"]
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
  if (isAtHome(homesHere(flow, pair), dataSet, sink.at.places))
    return answer({ outcome: "allow", reason: `${access}; at home` })
  if (access === "written" && isNothing(flow.inputs.written, dataSet))
    return answer({ outcome: "allow", reason: "prepared; judged when it is run" })
  if (masksCover(pair) && dataSet.masked === "leaves" && flow.inputs.seen[dataSet.name] === "masked") {
    return answer({ outcome: "allow", cites: leaves, reason: `${access}; seen masked` })
  }
  const found = mildest(flow, pair)
  if (found !== undefined) {
    const { approve, mask, transfer, why } = found
    const obligations = requirements(found, dataSet.name)
    const outcome = approve ? "approve" : mask ? "mask" : "allow"
    return answer({ outcome, cites: transfer.id, reason: `${access}; outside home, by transfer${why}` }, obligations)
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

/** What is read, written, or carried, each has its own homes; what is shipped can have any. */
const homesHere = ({ inputs }: Flow, { access, homes }: Pair): Inputs["homes"] =>
  access === "read" ? inputs.homes : access === "written" ? inputs.written : homes

const masksCover = ({ access, sink }: Pair): boolean => access === "read" && sink.masks

/** Live, and made for this recipient, this operation and a sink at this place. */
const covers = ({ inputs }: Flow, { access, sink }: Pair, allowance: WorldAllowance): boolean => {
  const { recipients } = allowance
  return allowance.from <= inputs.now && inputs.now < allowance.until
    && allowance.operations.has(access === "carried" ? "write" : inputs.operation.kind)
    && (recipients === undefined || sink.recipients.some((name) => recipients.has(name)))
    && within(sink.at.places, allowance.to)
}

/** What is written or shipped cannot be masked, and whom it is about cannot be counted. */
const crosses = ({ pipeline }: Flow, pair: Pair, transfer: WorldTransfer): boolean =>
  within((pair.from ?? pipeline.at).places, transfer.source) && (!transfer.mask || masksCover(pair))
  && (transfer.cap === undefined || pair.access === "read")

/** A transfer, and what it asks for as its count stands now. */
interface Usable {
  readonly transfer: WorldTransfer
  readonly mask: boolean
  readonly approve: boolean
  /** Why it asks for more than it says. */
  readonly why: string
}

/** The mildest transfer that covers a pair. One whose cap is reached asks for approval; at twice the cap it is none. */
const mildest = (flow: Flow, pair: Pair): Usable | undefined => {
  let best: Usable | undefined
  for (const transfer of pair.dataSet.transfers) {
    if (!covers(flow, pair, transfer) || !crosses(flow, pair, transfer)) continue
    const level = levelOf(flow, pair, transfer)
    if (level === "twice") continue
    const usable = {
      transfer,
      mask: transfer.mask,
      approve: transfer.approve || level === "cap",
      why: level === "cap" ? `; its cap of ${transfer.cap?.count ?? 0} is reached` : ""
    }
    if (best === undefined || isMilder(usable, best)) best = usable
  }
  return best
}

/** Equals go by id: a cap that is reached changes what a transfer asks for, and so its place among the others. */
const isMilder = (one: Usable, other: Usable): boolean =>
  severity(one) < severity(other) || (severity(one) === severity(other) && one.transfer.id < other.transfer.id)

const severity = ({ approve, mask }: Usable): number => (mask ? 1 : 0) + (approve ? 2 : 0)

const levelOf = ({ inputs }: Flow, { dataSet, sink }: Pair, { cap, id }: WorldTransfer) => {
  if (cap === undefined || inputs.spent === undefined) return undefined
  const is = (named: string, name: string | undefined): boolean => named === "*" || named === name
  return inputs.spent.find((one) =>
    one.transfer === id && is(one.data_set, dataSet.name) && is(one.recipient, sink.recipients[0])
  )?.level
}

const requirements = ({ approve, mask, transfer: { id } }: Usable, dataSet: string): ReadonlyArray<Obligation> => [
  ...(mask ? [{ obligation: "mask", data_set: dataSet, cites: id } as const] : []),
  ...(approve ? [{ obligation: "approve", data_set: dataSet, cites: id } as const] : [])
]
