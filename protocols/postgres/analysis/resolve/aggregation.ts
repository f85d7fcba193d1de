import type { Aggregation } from "../../../../core/family/sql/index.ts"
import { isTrustedExtension } from "../builtins/hazards.ts"
import { canonicalName, type Relation } from "../catalogue/snapshot.ts"
import { type Body, type Node, stringsOf } from "../parse/tree.ts"
import type { Context } from "./context.ts"
import { relationNamed } from "./from.ts"
import { outputName } from "./output-name.ts"
import { callOf, candidatesOf } from "./routines.ts"

/** What may stand in such a statement at all: no WHERE, no WITH, no DISTINCT, no windows. */
const clauses = new Set([
  "targetList",
  "fromClause",
  "groupClause",
  "havingClause",
  "sortClause",
  "limitCount",
  "limitOption",
  "op"
])

/** Types whose sum and average are PostgreSQL's own, and no cast that someone defined stands before them. */
const summed = new Set([
  "smallint",
  "integer",
  "bigint",
  "numeric",
  "real",
  "double precision",
  "money",
  "interval"
])

/** `count(*)`, `count(column)`, `sum(column)` or `avg(column)`, and nothing else about it. */
interface Call {
  readonly name: "count" | "sum" | "avg"
  /** `*` for all rows. */
  readonly column: string
}

/**
 * What a SELECT says of groups of rows and of nothing smaller, if that can be told from its text: aggregates of bare
 * columns of one table that is read whole, with HAVING counts that no small group passes. Asked of a statement that
 * was understood.
 */
export const aggregationOf = (context: Context, body: Body): Aggregation | undefined => {
  for (const clause in body) if (!clauses.has(clause)) return undefined
  const relation = onlyTable(context, body["fromClause"])
  if (relation === undefined || body["op"] !== "SETOP_NONE") return undefined
  const groupedBy = ((body["groupClause"] ?? []) as ReadonlyArray<Node>).map((node) => columnIn(relation, node))
  const counts = countsIn(context, relation, body["havingClause"])
  if (counts === undefined || !isSorted(body)) return undefined
  let rowsMin = Infinity
  for (const item of body["targetList"] as ReadonlyArray<Node>) {
    const node = item["ResTarget"]!["val"] as Node
    const call = callIn(context, relation, node)
    const column = columnIn(relation, node)
    if (call !== undefined) rowsMin = Math.min(rowsMin, rowsOf(call, counts))
    else if (column === undefined || !groupedBy.includes(column)) return undefined
  }
  const known = groupedBy.filter((column) => column !== undefined)
  if (known.length < groupedBy.length || rowsMin === Infinity || rowsMin < 1) return undefined
  return { table: canonicalName(relation.schema, relation.name), groupedBy: known, rowsMin }
}

/** Views, joins, samples and functions could choose rows, or repeat them. */
const onlyTable = (context: Context, items: ReadonlyArray<Node> | undefined): Relation | undefined => {
  const range = items?.length === 1 ? items[0]!["RangeVar"] : undefined
  if (range === undefined || range["alias"]?.["colnames"] !== undefined) return undefined
  const relation = relationNamed(context, range)
  return relation.kind === "table" || relation.kind === "partitioned" ? relation : undefined
}

/** A bare column; one that is computed from others is none. */
const columnIn = (relation: Relation, node: Node | undefined): string | undefined => {
  const fields = node?.["ColumnRef"]?.["fields"] as ReadonlyArray<Node> | undefined
  const name = fields === undefined ? undefined : stringsOf(fields).at(-1)
  return relation.columns.find((column) => column.name === name && column.generated === undefined)?.name
}

const callFields = new Set(["funcname", "args", "agg_star", "funcformat", "location"])

const callIn = (context: Context, relation: Relation, node: Node | undefined): Call | undefined => {
  const body = node?.["FuncCall"]
  if (body === undefined || Object.keys(body).some((field) => !callFields.has(field))) return undefined
  const call = callOf(body)
  if (candidatesOf(context, call, body).routines.length > 0) return undefined
  const column = body["agg_star"] === true ? "*" : columnIn(relation, call.args[0])
  if (column === undefined || call.args.length > 1) return undefined
  if (call.name === "count") return { name: "count", column }
  const type = relation.columns.find(({ name }) => name === column)?.type
  if ((call.name !== "sum" && call.name !== "avg") || type === undefined || !summed.has(type)) return undefined
  return { name: call.name, column }
}

/** `count(…) >= n AND …`: how many rows each group has, by what is counted. Undefined where anything else is said. */
const countsIn = (
  context: Context,
  relation: Relation,
  having: Node | undefined
): ReadonlyMap<string, number> | undefined => {
  const counts = new Map<string, number>()
  const both = having?.["BoolExpr"]
  if (both !== undefined && both["boolop"] !== "AND_EXPR") return undefined
  const parts = both === undefined ? [having] : both["args"] as ReadonlyArray<Node>
  for (const part of parts) {
    const comparison = part?.["A_Expr"]
    const call = callIn(context, relation, comparison?.["lexpr"])
    const least = comparison?.["rexpr"]?.["A_Const"]?.["ival"]?.["ival"] as number | undefined
    if (comparison?.["kind"] !== "AEXPR_OP" || call?.name !== "count" || least === undefined) return undefined
    if (stringsOf(comparison["name"]).join(".") !== ">=" || isRedefined(context)) return undefined
    counts.set(call.column, Math.max(least, counts.get(call.column) ?? 0))
  }
  return counts
}

/** Whether someone who is not trusted defined a `>=`: it might be the one that compares. */
const isRedefined = ({ snapshot }: Context): boolean =>
  (snapshot.operators.get(">=") ?? []).some(({ extension }) => !isTrustedExtension(extension))

/** A sum is over the rows that have a value: NULLs stand for nobody. */
const rowsOf = ({ column, name }: Call, counts: ReadonlyMap<string, number>): number =>
  name === "count" ? Math.max(0, ...counts.values()) : counts.get(column) ?? 0

/** Sorted by its outputs and cut by a number, it says no more than its outputs do. */
const isSorted = (body: Body): boolean => {
  const names = (body["targetList"] as ReadonlyArray<Node>).map((item) => {
    const target = item["ResTarget"]!
    return target["name"] as string ?? outputName(target["val"])
  })
  const limit = body["limitCount"] as Node | undefined
  return (limit === undefined || "A_Const" in limit) && ((body["sortClause"] ?? []) as ReadonlyArray<Node>).every(
    ({ SortBy: sort }) => {
      const node = sort!["node"] as Node
      const fields = stringsOf(node["ColumnRef"]?.["fields"] as ReadonlyArray<Node> | undefined)
      return sort!["useOp"] === undefined && ("A_Const" in node || (fields.length === 1 && names.includes(fields[0]!)))
    }
  )
}
