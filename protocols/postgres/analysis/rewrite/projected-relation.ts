import type { Projection, RowCondition, TableRef } from "../../../../core/family/sql/index.ts"
import { ancestors } from "../catalogue/lookup.ts"
import { canonicalName, type Relation, type Snapshot } from "../catalogue/snapshot.ts"
import { spend } from "../guard/work.ts"
import type { Mention } from "../resolve/mentions.ts"
import type { Column } from "../resolve/scope.ts"
import { constantsOf, literal, quoted } from "./constant.ts"

/** What it costs to ask for a column's mask, and to spell it out. */
const COLUMN_STEPS = 4

/**
 * The query through which a mention is read, without its brackets; undefined where it reads the relation as it is.
 *
 * Everything in it is qualified, and nothing of it is a function or an operator that anybody could define: it means the
 * same under every path. A bare column keeps its NULLs. What a view computed of a masked column, or the table of one
 * generates, is not looked at at all: whether it is NULL may tell of the value.
 */
export const projectedRelation = (
  snapshot: Snapshot,
  { columns, range, relation }: Mention,
  projection: Projection,
  sample: string
): string | undefined => {
  spend(columns.length * COLUMN_STEPS)
  const masks = columns.map((column) => maskOf(projection, column))
  const condition = conditionOf(snapshot, projection, relation)
  if (condition === undefined && masks.every((mask) => mask === undefined)) return undefined
  const outputs = columns.map((column, index) => {
    const mask = masks[index]
    const name = quoted(relation.columns[index]?.name ?? column.name)
    if (mask === undefined) return name
    const constants = constantsOf(snapshot, relation.columns[index]!, mask ?? "")
    if (mask === null) return `${constants.null} as ${name}`
    return column.origin.how === "copy" && constants.value !== constants.null
      ? `case when ${name} is null then ${constants.null} else ${constants.value} end as ${name}`
      : `${constants.value} as ${name}`
  })
  const from = `${range["inh"] === true ? "" : "only "}${quoted(relation.schema)}.${quoted(relation.name)}`
  // With OFFSET, nothing from outside is run on rows before they are chosen: an error there would tell of them.
  const where = condition === undefined ? "" : ` where ${spelledCondition(condition)} offset 0`
  return `select ${outputs.join(", ")} from ${from}${sample === "" ? "" : ` ${sample}`}${where}`
}

/** The mask of the first of its sources that has one; null goes before any other. */
const maskOf = ({ mask }: Projection, { origin, trail = [] }: Column): string | null | undefined => {
  if (mask === undefined) return undefined
  let first: string | undefined
  for (const source of [...origin.sources, ...trail]) {
    const isPresence = "use" in source ? source.use === "presence" : source.presence === true
    const found = isPresence ? undefined : mask(source)
    if (found === null) return null
    first ??= found
  }
  return first
}

export const conditionOf = (
  snapshot: Snapshot,
  { rows }: Projection,
  relation: Relation
): RowCondition | undefined => rows?.(tableRef(snapshot, relation))

export const tableRef = (snapshot: Snapshot, relation: Relation): TableRef => {
  const within = ancestors(snapshot, relation)
  return { table: canonicalName(relation.schema, relation.name), ...(within.length === 0 ? {} : { within }) }
}

const spelledCondition = ({ among, column }: RowCondition): string =>
  `${quoted(column)}::pg_catalog.text operator(pg_catalog.=) any (array[${
    among.map(literal).join(", ")
  }]::pg_catalog.text[])`
