import type { Operation } from "../../core/index.ts"
import type { ColumnRef, Statement } from "../../core/family/sql/index.ts"
import { isAggregated } from "./aggregated.ts"
import type { Form } from "./engine/inputs.ts"
import { selectionsOf, touchedBy } from "./engine/touched.ts"
import type { World, WorldPipeline } from "./world.ts"

type Seen = Record<string, Form>

/**
 * How each data set that an operation reads will be seen. `masked` needs a masking plugin in the pipeline, and proof
 * from the lineage that every column of the data set that is touched has a kind, that none of them steers anything, and
 * that one is shown; `aggregate`, what `isAggregated` proves. Whatever is not proven is seen in clear. `asked` is the
 * operation before any rewriting: a masked column may be gone from what is sent.
 */
export const seenBy = (world: World, pipeline: WorldPipeline, operation: Operation, asked: Operation): Seen => {
  const seen: Seen = {}
  const masking = pipeline.plugins.includes("masking")
  for (const dataSet of touchedBy(world, pipeline, operation).reads) {
    const { name } = dataSet
    const proven = masking && isStatement(operation) && isStatement(asked) && operation.resolved
      && covered(pipeline, operation, name) && (shows(pipeline, asked, name) || shows(pipeline, operation, name))
    // Where masks let nothing out, having been masked as well must not cost it the better form.
    if (proven && dataSet.masked === "leaves") seen[name] = "masked"
    else if (isStatement(operation) && isAggregated(pipeline, operation, dataSet)) seen[name] = "aggregate"
    else seen[name] = proven ? "masked" : "clear"
  }
  return seen
}

/** Whether an operation has a lineage at all: other families' have none, and are seen in clear. */
export const isStatement = (operation: Operation): operation is Statement =>
  Array.isArray((operation as Partial<Statement>).results) && Array.isArray((operation as Partial<Statement>).uses)

/** The kinds that a data set gives a relation's columns; undefined when the relation is not part of it. */
const kindsIn = (
  pipeline: WorldPipeline,
  table: { readonly name: string; readonly within?: ReadonlyArray<string> | undefined },
  dataSet: string
): ReadonlySet<string> | undefined => {
  const { name, within } = table
  const selections = selectionsOf(pipeline, { kind: "table", name, ...(within === undefined ? {} : { within }) })
    .filter((selection) => selection.dataSet.name === dataSet)
  return selections.length === 0 ? undefined : new Set(selections.flatMap(({ kinds }) => [...kinds.keys()]))
}

const steers: ReadonlySet<string> = new Set(["predicate", "join", "order", "group", "compare", "write"])

const covered = (pipeline: WorldPipeline, statement: Statement, dataSet: string): boolean => {
  const isCovered = (kinds: ReadonlySet<string> | undefined, column: string): boolean =>
    kinds === undefined || kinds.has(column) || kinds.has("*")
  const ofRef = (ref: ColumnRef): ReadonlySet<string> | undefined =>
    kindsIn(pipeline, { name: ref.table, within: ref.within }, dataSet)
  for (const resource of statement.reads) {
    if (resource.kind === "endpoint" || resource.kind === "catalogue") continue
    const kinds = kindsIn(pipeline, resource, dataSet)
    if (kinds === undefined) continue
    if (resource.kind !== "table" || resource.fields === undefined) return false
    if (!resource.fields.every((field) => isCovered(kinds, field))) return false
  }
  for (const use of statement.uses) {
    const kinds = ofRef(use)
    if (kinds !== undefined && (steers.has(use.use) || !isCovered(kinds, use.column))) return false
  }
  return statement.results.every(({ columns }) =>
    columns.every(({ sources }) => sources.every((ref) => isCovered(ofRef(ref), ref.column)))
  )
}

const shows = (pipeline: WorldPipeline, statement: Statement, dataSet: string): boolean =>
  statement.results.some(({ columns }) =>
    columns.some(({ sources }) =>
      sources.some((ref) => kindsIn(pipeline, { name: ref.table, within: ref.within }, dataSet) !== undefined)
    )
  )
