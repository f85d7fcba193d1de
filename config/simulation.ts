import type { PolicyDocument, Receipt } from "../core/plugin/index.ts"
import { type RecordedJudgement } from "./recorded-judgements.ts"
import type { ResidencyRoom } from "./residency.ts"
import { type StopFigures, Stops } from "./simulation-stops.ts"

/** What would be otherwise. `masked` and `unmasked`: something else would be under the obligation to mask. */
export type Change = "denied" | "allowed" | "held" | "released" | "masked" | "unmasked"

/** Operations for which the same would be otherwise. */
export interface ChangeGroup {
  readonly change: Change
  readonly pipeline: string
  readonly party: string
  readonly operation: string
  readonly data_sets: ReadonlyArray<string>
  /** Of the denial, before or after. */
  readonly code?: string
  /** Why, in the words of the check that denies. */
  readonly reason?: string
  readonly count: number
  /** `SESSION#EXCHANGE`, the first few. */
  readonly examples: ReadonlyArray<string>
}

/** What came of a simulation. */
export interface Simulation {
  /** Operations that were judged again. */
  readonly operations: number
  /** Those of which the ledger no longer has what they were judged by. */
  readonly missing: number
  /** Those that may see data masked, judged as if they saw it in clear. */
  readonly doubtful: number
  /** Hashes of the policies that were recorded. */
  readonly recorded: ReadonlyArray<string>
  readonly changes: ReadonlyArray<ChangeGroup>
  /** What enforcing the policy would have stopped. */
  readonly stops: StopFigures
}

const EXAMPLES_MAX = 3

/** Judges recorded operations under `policy`, as if it had been enforced, and gathers what would be otherwise. */
export const runSimulation = (
  room: ResidencyRoom,
  policy: PolicyDocument,
  judgements: Iterable<RecordedJudgement>
): Simulation => {
  const strict = room.enforced(policy)
  const groups = new Map<string, ChangeGroup>()
  const recorded = new Set<string>()
  const stops = new Stops()
  let operations = 0
  let missing = 0
  let doubtful = 0
  for (const judgement of judgements) {
    const { at, inputs, policy: old, receipt } = judgement
    const before = inputs === undefined || old === undefined ? undefined : room.rejudge(old, inputs)
    const simulated = inputs === undefined || old === undefined
      ? undefined
      : room.simulate(strict, old, inputs, Date.parse(at))
    if (before === undefined || simulated === undefined) {
      missing++
      continue
    }
    operations++
    recorded.add(receipt.policy)
    if (simulated.doubtful.length > 0) doubtful++
    stops.add(judgement, simulated.receipt)
    for (const change of changesOf(before, simulated.receipt))
      gather(groups, change, judgement, before, simulated.receipt)
  }
  const changes = [...groups.values()].toSorted((a, b) => order(a.change) - order(b.change) || b.count - a.count)
  return { operations, missing, doubtful, recorded: [...recorded], changes, stops: stops.figures() }
}

const orderly: ReadonlyArray<Change> = ["denied", "held", "masked", "allowed", "released", "unmasked"]
const order = (change: Change): number => orderly.indexOf(change)

const changesOf = (before: Receipt, after: Receipt): ReadonlyArray<Change> => {
  if (after.outcome === "deny") return before.outcome === "deny" ? [] : ["denied"]
  if (before.outcome === "deny") return ["allowed"]
  const changes: Array<Change> = []
  const held = [before, after].map((one) => one.outcome === "approve")
  if (held[0] !== held[1]) changes.push(held[1] === true ? "held" : "released")
  const [was, is] = [maskedIn(before), maskedIn(after)]
  if (is.some((name) => !was.includes(name))) changes.push("masked")
  if (was.some((name) => !is.includes(name))) changes.push("unmasked")
  return changes
}

/** In shadow nothing is masked, whatever was owed. */
const maskedIn = ({ obligations, outcome, outcome_code: code }: Receipt): ReadonlyArray<string> =>
  outcome === "allow" && code === "shadow"
    ? []
    : obligations.filter(({ obligation }) => obligation === "mask").map((one) => one.data_set)

const gather = (
  groups: Map<string, ChangeGroup>,
  change: Change,
  { exchange, session, inputs }: RecordedJudgement,
  before: Receipt,
  after: Receipt
): void => {
  const refused = change === "denied" ? after : change === "allowed" ? before : undefined
  const failing = refused?.checks.find((check) => check.outcome === "deny")
  const group = {
    change,
    pipeline: String(inputs?.["pipeline"]),
    party: after.party ?? "nobody",
    operation: after.operation,
    data_sets: [...new Set([...after.reads, ...after.writes])],
    ...(refused?.outcome_code === undefined ? {} : { code: refused.outcome_code }),
    ...(failing?.reason === undefined ? {} : { reason: wording(failing) })
  }
  const key = JSON.stringify(group)
  const known = groups.get(key)
  const examples = known?.examples ?? []
  groups.set(key, {
    ...group,
    count: (known?.count ?? 0) + 1,
    examples: examples.length < EXAMPLES_MAX ? [...examples, `${session}#${exchange}`] : examples
  })
}

const wording = ({ at, cites, reason, sink }: Receipt["checks"][number]): string =>
  [sink === undefined ? undefined : `${sink}${at === undefined ? "" : ` at ${at}`}`, cites, reason]
    .filter((part) => part !== undefined).join(", ")
