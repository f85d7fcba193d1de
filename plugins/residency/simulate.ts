import type { PolicyDocument, Receipt, Resource } from "../../core/index.ts"
import type { Form, Inputs } from "./engine/inputs.ts"
import { judge } from "./engine/judge.ts"
import { selectionsOf } from "./engine/touched.ts"
import type { ResidencySection } from "./schema.ts"
import { windowAt } from "./window.ts"
import type { World, WorldDataSet, WorldPipeline } from "./world.ts"
import { compileOnce } from "./worlds.ts"

/** What a recorded operation would get under another policy. */
export interface Simulated {
  readonly receipt: Receipt
  /**
   * Data sets that may leave masked, and of which the recorded inputs do not say whether this operation sees them so:
   * they are judged as seen in clear, which is never too mild.
   */
  readonly doubtful: ReadonlyArray<string>
}

/** The same policy with nothing in shadow: what would be refused, is. */
export const enforced = (policy: PolicyDocument): PolicyDocument => {
  const section = policy.residency as ResidencySection
  const sets = Object.entries(section.data_sets).map(([name, set]) => [name, { ...set, mode: "enforce" as const }])
  return {
    ...policy,
    residency: { ...section, data_sets: Object.fromEntries(sets) },
    pipelines: policy.pipelines.map((pipeline) => ({ ...pipeline, mode: "enforce" as const }))
  }
}

/**
 * Judges recorded inputs as a policy would have, at the time of the operation. `recorded` is the policy that they were
 * recorded under. Undefined where `policy` does not compile.
 */
export const simulate = (
  policy: PolicyDocument,
  recorded: PolicyDocument,
  inputs: Inputs,
  at: number
): Simulated | undefined => {
  const { world } = compileOnce(policy)
  if (world === undefined) return undefined
  const { homes, mode: _, written, ...rest } = inputs
  const { doubtful, seen } = seenUnder(world, compileOnce(recorded).world, inputs)
  const rows = { ...known(world, "homes", homes), ...known(world, "written", written) }
  return { receipt: judge(world, { ...rest, ...rows, seen, now: windowAt(world, at).start }), doubtful }
}

/** Homes of rows, but for data sets in which rows have other ones now: any, then. */
const known = (world: World, key: "homes" | "written", all: Inputs["homes"] = {}): Pick<Inputs, typeof key> => {
  const names = (dataSet: string) => world.dataSets.get(dataSet)?.rows?.homes.map(({ name }) => name) ?? []
  const kept = Object.entries(all).filter(([dataSet, homes]) => homes.every((one) => names(dataSet).includes(one)))
  return kept.length === 0 ? {} : { [key]: Object.fromEntries(kept) }
}

/**
 * How an operation sees the data sets of another world. That it saw one masked is known where the same relations are
 * in it as before and every field that it touches still has a kind; that it saw aggregates, where the same relations
 * are in it and no more is asked of aggregates than before.
 */
const seenUnder = (world: World, before: World | undefined, { operation, pipeline: name, seen }: Inputs) => {
  const pipeline = world.pipelines.get(name)
  const known: Record<string, Form> = {}
  const doubtful: Array<string> = []
  if (pipeline === undefined) return { seen: known, doubtful }
  const old = before?.pipelines.get(name)
  for (const next of pipeline.dataSets) {
    const { masked, name: dataSet } = next
    const members = membersOf(pipeline, operation.reads, dataSet)
    if (members.length === 0) continue
    const was = old === undefined ? [] : membersOf(old, operation.reads, dataSet)
    const same = members.every((one) => was.includes(one))
    const covered = pipeline.plugins.includes("masking") && members.every((one) => isCovered(pipeline, one, dataSet))
    const form = seen[dataSet] ?? "clear"
    const holds = form === "masked" ? covered : counts(next, old?.dataSets.find((one) => one.name === dataSet))
    known[dataSet] = same && holds ? form : "clear"
    // Clear for a reason that the new policy may have taken away, or never looked at.
    if (masked === "leaves" && known[dataSet] === "clear" && covered && !(same && wasCovered(old, was, dataSet))) {
      doubtful.push(dataSet)
    }
  }
  return { seen: known, doubtful }
}

/** Whether all that counted as aggregates still does. */
const counts = ({ aggregates: next }: WorldDataSet, old: WorldDataSet | undefined): boolean =>
  next !== undefined && old?.aggregates !== undefined && next.rowsMin <= old.aggregates.rowsMin
  && old.aggregates.groupBy.every(({ column, table }) =>
    next.groupBy.some((one) => one.column === column && one.table === table)
  )

const membersOf = (pipeline: WorldPipeline, reads: ReadonlyArray<Resource>, dataSet: string) =>
  reads.filter((one) => selectionsOf(pipeline, one).some((selection) => selection.dataSet.name === dataSet))

const wasCovered = (old: WorldPipeline | undefined, was: ReadonlyArray<Resource>, dataSet: string): boolean =>
  old !== undefined && old.plugins.includes("masking") && was.every((one) => isCovered(old, one, dataSet))

const isCovered = (pipeline: WorldPipeline, resource: Resource, dataSet: string): boolean => {
  const kinds = new Set(
    selectionsOf(pipeline, resource).filter((one) => one.dataSet.name === dataSet).flatMap((
      one
    ) => [...one.kinds.keys()])
  )
  return resource.fields?.every((field) => kinds.has(field) || kinds.has("*")) === true
}
