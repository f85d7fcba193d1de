import { type Body, type Node, stringsOf } from "../parse/tree.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"
import type { Context } from "./context.ts"
import { commonTables } from "./common-tables.ts"
import { asDerived, outputValue, resolveReference, rowNamed, value, values } from "./expression.ts"
import { fromClause } from "./from.ts"
import { mentionsIn } from "./mentions.ts"
import { outputName } from "./output-name.ts"
import { operatorCall } from "./routines.ts"
import {
  type Column,
  derived,
  findBare,
  findEntry,
  follow,
  inner,
  type Origin,
  refer,
  type Scope,
  withEntries
} from "./scope.ts"

const known = new Set([
  "distinctClause",
  "intoClause",
  "targetList",
  "fromClause",
  "whereClause",
  "groupClause",
  "groupDistinct",
  "havingClause",
  "windowClause",
  "valuesLists",
  "sortClause",
  "limitOffset",
  "limitCount",
  "limitOption",
  "lockingClause",
  "withClause",
  "op",
  "all",
  "larg",
  "rarg"
])

/** The output columns of a SELECT, VALUES or set operation. `outer` is the scope inside which it stands. */
export const selectColumns = (context: Context, body: Body, outer: Scope): ReadonlyArray<Column> => {
  for (const field in body) if (!known.has(field)) return notUnderstood(`SelectStmt.${field}`)
  context.footprint.step()
  const scope = body["withClause"] === undefined ? outer : commonTables(context, body["withClause"], outer)
  const columns = body["op"] !== "SETOP_NONE"
    ? setOperation(context, body, scope)
    : body["valuesLists"] !== undefined
    ? valuesColumns(context, body["valuesLists"], scope)
    : plainSelect(context, body, scope)
  if (body["op"] !== "SETOP_NONE" || body["valuesLists"] !== undefined) {
    sorting(context, body["sortClause"], { ...inner(scope), entries: [entryOf(columns)] }, columns)
  }
  for (const limit of ["limitOffset", "limitCount"]) {
    if (body[limit] !== undefined) value(context, body[limit], scope, "predicate")
  }
  return columns
}

const entryOf = (columns: ReadonlyArray<Column>) => ({ name: undefined, columns, named: false, bare: true })

const plainSelect = (context: Context, body: Body, outer: Scope): ReadonlyArray<Column> => {
  const scope = withEntries(outer, fromClause(context, body["fromClause"] ?? [], outer))
  if (body["whereClause"] !== undefined) value(context, body["whereClause"], scope, "predicate")
  const columns = targets(context, body["targetList"] ?? [], scope)
  for (const window of body["windowClause"] ?? []) windowUses(context, (window as Node)["WindowDef"]!, scope)
  for (const item of body["groupClause"] ?? []) grouping(context, item, scope, columns)
  if (body["havingClause"] !== undefined) value(context, body["havingClause"], scope, "predicate")
  distinct(context, body["distinctClause"], scope, columns)
  sorting(context, body["sortClause"], scope, columns)
  const items = body["groupClause"] as ReadonlyArray<Node> | undefined
  if (items !== undefined) {
    mentionsIn(context)?.group(items, scope.entries, items.map((item) => grouped(context, item, scope, columns)))
  }
  return columns
}

/** The columns of a target list, with its stars spread out. */
export const targets = (context: Context, list: ReadonlyArray<Node>, scope: Scope): ReadonlyArray<Column> => {
  const columns: Array<Column> = []
  for (const item of list) {
    const target = item["ResTarget"]
    if (target === undefined || target["indirection"] !== undefined) return notUnderstood("a target of this form")
    const node = target["val"] as Node
    const spread = starColumns(context, node, scope)
    if (spread !== undefined) {
      context.footprint.spread(spread.length)
      for (const column of spread) mentionsIn(context)?.refer(column)
      columns.push(...spread)
      continue
    }
    columns.push({ ...outputValue(context, node, scope), name: target["name"] as string ?? outputName(node) })
  }
  return columns
}

/** What `*`, `t.*` and `(t).*` stand for, or undefined for any other expression. */
const starColumns = (context: Context, node: Node, scope: Scope): ReadonlyArray<Column> | undefined => {
  const indirect = node["A_Indirection"]
  if (indirect !== undefined) {
    const steps = indirect["indirection"] as ReadonlyArray<Node>
    if (!("A_Star" in steps.at(-1)!)) return undefined
    const row = steps.length === 1 ? rowNamed(indirect["arg"], scope) : undefined
    if (row === undefined) return notUnderstood(".* of an expression")
    return row.columns.map((column) => ({ ...column, origin: asDerived(column.origin) }))
  }
  const fields = node["ColumnRef"]?.["fields"] as ReadonlyArray<Node> | undefined
  if (fields === undefined || !("A_Star" in fields.at(-1)!)) return undefined
  if (fields.length === 1) return scope.entries.filter((entry) => entry.bare).flatMap((entry) => entry.columns)
  const names = stringsOf(fields.slice(0, -1))
  if (names.length > 2) return notUnderstood("a row's name of three parts")
  const entry = findEntry(scope, names.length === 2 ? names[0] : undefined, names.at(-1)!)
  if (entry === undefined) return unresolved("a row that is not known is not understood")
  if (names.length > 1) mentionsIn(context)?.qualify(node["ColumnRef"]!, entry)
  return entry.columns
}

const setOperation = (context: Context, body: Body, scope: Scope): ReadonlyArray<Column> => {
  const left = selectColumns(context, body["larg"], inner(scope))
  const right = selectColumns(context, body["rarg"], inner(scope))
  if (left.length !== right.length) return notUnderstood("a set operation of unequal widths")
  // UNION ALL compares nothing: it only mixes.
  const use = body["op"] === "SETOP_UNION" && body["all"] === true ? "transform" : "compare"
  return left.map((column, index) => {
    const parts = [refer(context.footprint, column, use), refer(context.footprint, right[index]!, use)]
    return { name: column.name, origin: derived(parts.map(asDerived)) }
  })
}

const valuesColumns = (context: Context, lists: ReadonlyArray<Node>, scope: Scope): ReadonlyArray<Column> => {
  const origins: Array<Array<Origin>> = []
  for (const list of lists) {
    const items = list["List"]?.["items"] as ReadonlyArray<Node> ?? []
    for (const [index, item] of items.entries()) {
      if (item["A_Const"] !== undefined || item["ParamRef"] !== undefined) {
        origins[index] ??= []
        continue
      }
      ;(origins[index] ??= []).push(asDerived(value(context, item, scope, "transform")))
    }
  }
  return origins.map((parts, index) => ({ name: `column${index + 1}`, origin: derived(parts) }))
}

const grouping = (context: Context, item: Node, scope: Scope, columns: ReadonlyArray<Column>): void => {
  const set = item["GroupingSet"]
  if (set !== undefined) {
    for (const part of set["content"] ?? []) grouping(context, part, scope, columns)
    return
  }
  const row = item["RowExpr"] ?? item["List"]
  if (row !== undefined) {
    for (const part of row["args"] ?? row["items"] ?? []) grouping(context, part, scope, columns)
    return
  }
  const output = groupedOutput(item, scope, columns)
  if (output !== undefined) refer(context.footprint, output, "group")
  else value(context, item, scope, "group")
}

/** GROUP BY: a number, or a name that is no column's. */
const groupedOutput = (item: Node, scope: Scope, columns: ReadonlyArray<Column>): Column | undefined => {
  const name = bareName(item)
  return ordinal(item, columns)
    ?? (name !== undefined && findBare({ ...scope, outer: undefined }, name) === undefined
      ? named(columns, name)
      : undefined)
}

/** The column that an item of GROUP BY names, if it is nothing but a name. */
const grouped = (
  context: Context,
  item: Node,
  scope: Scope,
  columns: ReadonlyArray<Column>
): Column | undefined => {
  const output = groupedOutput(item, scope, columns)
  const reference = item["ColumnRef"]
  return output ?? (reference === undefined ? undefined : resolveReference(context, reference, scope))
}

const distinct = (
  context: Context,
  clause: ReadonlyArray<Node> | undefined,
  scope: Scope,
  columns: ReadonlyArray<Column>
): void => {
  if (clause === undefined) return
  const on = clause.filter((node) => Object.keys(node).length > 0)
  if (on.length === 0) { for (const column of columns) refer(context.footprint, column, "compare") }
  for (const item of on) byOutput(context, item, scope, columns, "compare")
}

const sorting = (
  context: Context,
  clause: ReadonlyArray<Node> | undefined,
  scope: Scope,
  columns: ReadonlyArray<Column>
): void => {
  for (const item of clause ?? []) {
    const sort = item["SortBy"]!
    if (sort["useOp"] !== undefined) operatorCall(context, stringsOf(sort["useOp"]))
    byOutput(context, sort["node"], scope, columns, "order")
  }
}

/** ORDER BY and DISTINCT ON: a number or a name of an output, before anything else. */
const byOutput = (
  context: Context,
  item: Node,
  scope: Scope,
  columns: ReadonlyArray<Column>,
  use: "order" | "compare"
): void => {
  const name = bareName(item)
  const output = ordinal(item, columns) ?? (name === undefined ? undefined : named(columns, name))
  if (output !== undefined) refer(context.footprint, output, use)
  else value(context, item, scope, use)
}

const bareName = (item: Node): string | undefined => {
  const fields = item["ColumnRef"]?.["fields"] as ReadonlyArray<Node> | undefined
  return fields?.length === 1 ? stringsOf(fields)[0] : undefined
}

const ordinal = (item: Node, columns: ReadonlyArray<Column>): Column | undefined => {
  const constantNode = item["A_Const"]
  if (constantNode === undefined || !("ival" in constantNode)) return undefined
  const position = constantNode["ival"]["ival"] as number ?? 0
  return columns[position - 1] ?? unresolved("a position outside the outputs is not understood")
}

/**
 * The output of that name. Where there are several, they are mixed: PostgreSQL accepts it only if they are the same.
 */
const named = (columns: ReadonlyArray<Column>, name: string): Column | undefined => {
  const found = columns.filter((column) => column.name === name)
  if (found.length < 2) return found[0]
  return {
    name,
    origin: derived(found.map((column) => asDerived(column.origin))),
    trail: found.flatMap((column) => column.trail ?? []),
    via: found.flatMap((column) => column.via ?? [])
  }
}

/** What a window sorts and compares by. */
export const windowUses = (context: Context, window: Body, scope: Scope): void => {
  values(context, window["partitionClause"], scope, "compare")
  for (const order of window["orderClause"] ?? []) {
    const sort = (order as Node)["SortBy"]!
    if (sort["useOp"] !== undefined) operatorCall(context, stringsOf(sort["useOp"]))
    value(context, sort["node"], scope, "order")
  }
  for (const offset of ["startOffset", "endOffset"]) {
    if (window[offset] !== undefined) value(context, window[offset], scope, "predicate")
  }
}

/** Notes that a query's outputs are shown, and hands on where they come from. */
export const showColumns = (context: Context, columns: ReadonlyArray<Column>): void => {
  for (const column of columns) {
    follow(context.footprint, column)
    for (const source of column.origin.sources) context.footprint.show(source)
  }
}
