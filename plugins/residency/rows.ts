import * as Effect from "effect/Effect"
import { type Deny, deny, type Hold, hold, type Operation } from "../../core/index.ts"
import type { RowCondition, Statement, TableRef, Unprojected } from "../../core/family/sql/index.ts"
import { clearance } from "./engine/clearance.ts"
import { evidence } from "./engine/evidence.ts"
import { flowOf } from "./engine/flow.ts"
import { home } from "./engine/home.ts"
import type { Inputs } from "./engine/inputs.ts"
import { selectionsOf, touchedBy } from "./engine/touched.ts"
import { isStatement } from "./seen.ts"
import type { World, WorldDataSet, WorldPipeline, WorldRows } from "./world.ts"

/** The rows of a data set that may be read: those of these homes. */
export interface RowFilter {
  readonly dataSet: WorldDataSet
  readonly rows: WorldRows
  /** Names of homes. Never empty. */
  readonly homes: ReadonlyArray<string>
}

/** The homes to which a statement confines what it reads, by data set; those that it does not confine are left out. */
export const confinedHomes = (
  world: World,
  pipeline: WorldPipeline,
  operation: Operation
): Readonly<Record<string, ReadonlyArray<string>>> => {
  const found: Record<string, ReadonlyArray<string>> = {}
  if (!isStatement(operation) || operation.confined === undefined || operation.confined.length === 0) return found
  for (const dataSet of touchedBy(world, pipeline, operation).reads) {
    const homes = dataSet.rows === undefined ? undefined : homesIn(pipeline, operation, dataSet, dataSet.rows)
    if (homes !== undefined) found[dataSet.name] = homes
  }
  return found
}

/** Undefined when a row of any home may be read: a table is not confined, or by a value that means nothing. */
const homesIn = (
  pipeline: WorldPipeline,
  { confined = [], reads }: Statement,
  dataSet: WorldDataSet,
  rows: WorldRows
): ReadonlyArray<string> | undefined => {
  const names = new Set<string>()
  for (const resource of reads) {
    if (!selectionsOf(pipeline, resource).some((selection) => selection.dataSet === dataSet)) continue
    const { name, within } = resource
    const condition = confined.find(({ column, table }) => table === name && column === rows.column)
    if (condition === undefined || !isOf(rows, { table: name, ...(within === undefined ? {} : { within }) }))
      return undefined
    for (const value of condition.among) {
      const found = rows.homes.find(({ values }) => values.includes(value))
      if (found === undefined) return undefined
      names.add(found.name)
    }
  }
  return [...names].toSorted()
}

/** Whether a table has the column that tells its rows apart. */
const isOf = ({ table }: WorldRows, ref: TableRef): boolean =>
  table === undefined || ref.table === table || (ref.within?.includes(table) ?? false)

const severities = { allow: 0, mask: 0, approve: 1, deny: 2 } as const

/**
 * Which rows to leave out of what is read, for data sets that want that. Each home is judged as if all rows were there;
 * what nobody needs to approve goes before what somebody does.
 */
export const filtersFor = (world: World, inputs: Inputs): ReadonlyArray<RowFilter> => {
  const flow = flowOf(world, inputs)
  if (flow === undefined || !inputs.operation.resolved) return []
  return flow.touched.reads.flatMap((dataSet) => {
    const { mode, name, rows } = dataSet
    const isDone = inputs.homes !== undefined && Object.hasOwn(inputs.homes, name)
    if (rows?.other !== "filter" || mode === "shadow" || isDone || flow.touched.writes.includes(dataSet)) return []
    const judged = rows.homes.map((one) => ({
      name: one.name,
      severity: severityOf(world, { ...inputs, homes: { ...inputs.homes, [name]: [one.name] } }, name)
    }))
    const best = Math.min(...judged.map(({ severity }) => severity))
    const homes = judged.filter(({ severity }) => severity === best).map((one) => one.name)
    return best === severities.deny ? [] : [{ dataSet, rows, homes }]
  })
}

const severityOf = (world: World, inputs: Inputs, dataSet: string): number => {
  const flow = flowOf(world, inputs)
  const findings = flow === undefined ? [] : [...clearance(flow), ...evidence(flow), ...home(flow)]
  const own = findings.filter(({ check }) => check.data_set === dataSet)
  return Math.max(severities.allow, ...own.map(({ check }) => severities[check.outcome]))
}

/** The statement without the rows that are not to be read; a denial where it cannot be told to leave them out. */
export const withoutOtherRows = (
  pipeline: WorldPipeline,
  operation: Operation,
  filters: ReadonlyArray<RowFilter>
): Statement | Deny | Hold<Statement | Deny> | undefined => {
  if (filters.length === 0 || !isStatement(operation) || operation.project === undefined) return undefined
  const projected = operation.project({ rows: (table) => conditionOn(pipeline, table, filters) })
  if (!("_tag" in projected) || projected._tag === "Unprojected") return orRefused(projected, filters)
  const { answer, reason, within } = projected
  return hold({
    reason,
    within,
    brief: true,
    until: Effect.map(Effect.promise(answer), (projected) => orRefused(projected, filters))
  })
}

const orRefused = (
  projected: Statement | Unprojected,
  filters: ReadonlyArray<RowFilter>
): Statement | Deny => {
  if (!("_tag" in projected)) return projected
  const names = filters.map(({ dataSet }) => dataSet.name).join(", ")
  return deny("residency", `Rows of ${names} at other homes cannot be left out: ${projected.reason}.`, {
    detail: filters.map(({ dataSet, homes }) => `check home; data set ${dataSet.name}; rows of ${homes.join(", ")}`)
      .join("; "),
    hint: projected.remedy
  })
}

const conditionOn = (
  pipeline: WorldPipeline,
  ref: TableRef,
  filters: ReadonlyArray<RowFilter>
): RowCondition | undefined => {
  const { table: name, within } = ref
  const selected = selectionsOf(pipeline, { kind: "table", name, ...(within === undefined ? {} : { within }) })
  for (const { dataSet, homes, rows } of filters) {
    if (!isOf(rows, ref) || !selected.some((selection) => selection.dataSet === dataSet)) continue
    const among = rows.homes.filter(({ name }) => homes.includes(name)).flatMap(({ values }) => values)
    return { column: rows.column, among: among.toSorted() }
  }
  return undefined
}
