import type { UseKind } from "../../../../core/family/sql/index.ts"
import { spend } from "../guard/work.ts"
import { type Body, literalOf, type Node, stringsOf, tagOf } from "../parse/tree.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"
import type { Context } from "./context.ts"
import { mentionsIn } from "./mentions.ts"
import { noteFirstOutput } from "./output-name.ts"
import { presenceOf } from "./presence.ts"
import { functionCall, operatorCall } from "./routines.ts"
import {
  type Column,
  columnOf,
  constant,
  derived,
  findBare,
  findEntry,
  inner,
  type Origin,
  refer,
  type Scope,
  sourceOf,
  wholeRow
} from "./scope.ts"
import { selectColumns } from "./select.ts"
import { castTo } from "./types.ts"

/**
 * Nodes whose value is computed from their children's and from nothing else: which fields hold children, and which
 * say nothing about where values come from. A field that is in neither list makes the node not understood, so that
 * a newer grammar cannot bring in what nobody looked at.
 */
const plain: Readonly<Record<string, readonly [children: string, silent: string]>> = {
  A_ArrayExpr: ["elements", "list_start list_end"],
  BooleanTest: ["arg", "booltesttype"],
  BoolExpr: ["args", "boolop"],
  CaseExpr: ["arg args defresult", "casetype"],
  CaseWhen: ["expr result", ""],
  CoalesceExpr: ["args", ""],
  CollateClause: ["arg", "collname"],
  GroupingFunc: ["args", ""],
  JsonArgument: ["val", "name"],
  JsonArrayConstructor: ["exprs output", "absent_on_null"],
  JsonBehavior: ["expr", "btype"],
  JsonFuncExpr: [
    "context_item pathspec passing output on_empty on_error",
    "op column_name wrapper quotes"
  ],
  JsonIsPredicate: ["expr", "format item_type unique_keys"],
  JsonKeyValue: ["key value", ""],
  JsonObjectConstructor: ["exprs output", "absent_on_null unique"],
  JsonParseExpr: ["expr output", "unique_keys"],
  JsonScalarExpr: ["expr output", ""],
  JsonSerializeExpr: ["expr output", ""],
  JsonValueExpr: ["raw_expr formatted_expr", "format"],
  List: ["items", ""],
  MinMaxExpr: ["args", "op"],
  MultiAssignRef: ["source", "colno ncolumns"],
  NamedArgExpr: ["arg", "name argnumber"],
  NullTest: ["arg", "nulltesttype argisrow"],
  ResTarget: ["val", "name"],
  XmlExpr: ["args named_args", "op name arg_names xmloption indent"],
  XmlSerialize: ["expr", "xmloption typeName indent"]
}

const fieldsOf = new Map(
  Object.entries(plain).map(([tag, [children, silent]]) =>
    [tag, { children: children.split(" "), silent: new Set([...silent.split(" "), "location"]) }] as const
  )
)

/** What an expression costs, without what stands in it. */
const NODE_STEPS = 3

/** Where an expression's value comes from. Every column in it is noted as used as `use`. */
export const value = (context: Context, node: Node, scope: Scope, use: UseKind): Origin => {
  const tag = tagOf(node)
  if (tag === undefined) return constant
  spend(NODE_STEPS)
  const body = node[tag]!
  if (tag === "NullTest") return presenceOf(context, body["arg"], scope) ?? plainValue(context, tag, body, scope, use)
  if (fieldsOf.has(tag)) return plainValue(context, tag, body, scope, use)
  switch (tag) {
    case "A_Const":
    case "ParamRef":
    case "SetToDefault":
    case "SQLValueFunction":
    case "CurrentOfExpr":
    case "MergeSupportFunc":
      return constant
    case "ColumnRef":
      return reference(context, body, scope, use)
    case "A_Expr":
      return operatorExpression(context, body, scope, use)
    case "FuncCall":
      return functionCall(context, body, scope, use)
    case "TypeCast":
      return derived([asDerived(value(context, body["arg"], scope, use)), castTo(context, body["typeName"])])
    case "RowExpr":
      return derived((body["args"] ?? []).map((item: Node) => asDerived(value(context, item, scope, use))))
    case "SubLink":
      return sublink(context, body, scope, use)
    case "A_Indirection":
      return indirection(context, body, scope, use)
    case "JsonObjectAgg":
    case "JsonArrayAgg":
      return jsonAggregate(context, body, scope, use)
    default:
      return notUnderstood(tag)
  }
}

/** The values of a list of expressions, mixed. */
export const values = (
  context: Context,
  nodes: ReadonlyArray<Node> | undefined,
  scope: Scope,
  use: UseKind
): Origin => derived((nodes ?? []).map((node) => asDerived(value(context, node, scope, use))))

/** What an output's expression is: a bare column stays what the column is; anything else is computed. */
export const outputValue = (context: Context, node: Node, scope: Scope): Column => {
  const reference = node["ColumnRef"]
  if (reference !== undefined) {
    const column = resolveReference(context, reference, scope)
    if (column !== undefined) return column
  }
  return { name: "", origin: asDerived(value(context, node, scope, "transform")) }
}

/** Computing with a value makes it derived, also where PostgreSQL would change nothing. */
export const asDerived = (origin: Origin): Origin =>
  origin.how === "copy" ? { how: "derived", sources: origin.sources } : origin

const plainValue = (context: Context, tag: string, body: Body, scope: Scope, use: UseKind): Origin => {
  const { children, silent } = fieldsOf.get(tag)!
  if (tag === "CaseExpr" && body["arg"] !== undefined) operatorCall(context, ["="])
  const origins: Array<Origin> = []
  for (const field in body) {
    if (silent.has(field)) continue
    if (!children.includes(field)) return notUnderstood(`${tag}.${field}`)
    const child = body[field]
    if (field === "output") {
      castTo(context, child["typeName"])
      continue
    }
    // Some nodes hold a child of a fixed kind without naming it: JsonKeyValue.value is a JsonValueExpr.
    if (Array.isArray(child)) origins.push(values(context, child, scope, use))
    else if (field.startsWith("on_")) origins.push(plainValue(context, "JsonBehavior", child, scope, use))
    else if ("raw_expr" in child) origins.push(plainValue(context, "JsonValueExpr", child, scope, use))
    else origins.push(asDerived(value(context, child, scope, use)))
  }
  if (tag === "GroupingFunc") return { how: "derived", sources: derived(origins).sources }
  return derived(origins)
}

/** The column that a reference names; undefined for a whole row, which is no single column. */
export const resolveReference = (context: Context, body: Body, scope: Scope): Column | undefined => {
  const fields = body["fields"] as ReadonlyArray<Node>
  if ("A_Star" in fields[fields.length - 1]!) return undefined
  const names = stringsOf(fields)
  if (names.length === 1) {
    const bare = findBare(scope, names[0]!)
    if (bare !== undefined) mentionsIn(context)?.refer(bare)
    if (bare !== undefined || findEntry(scope, undefined, names[0]!) !== undefined) return bare
    return unresolved(`a column that is not known: ${names[0]}`)
  }
  if (names.length > 3) return notUnderstood("a column name of four parts")
  const [schema, name, column] = names.length === 3 ? names : [undefined, ...names]
  const entry = findEntry(scope, schema, name!)
  const found = entry === undefined ? undefined : columnOf(entry, column!)
  if (entry !== undefined && schema !== undefined) mentionsIn(context)?.qualify(body, entry)
  if (found === undefined)
    return functionArgument(scope, names) ?? unresolved(`a column that is not known: ${names.join(".")}`)
  mentionsIn(context)?.refer(found)
  return found
}

/** `function.argument`, inside a function's body. */
const functionArgument = (scope: Scope, names: ReadonlyArray<string>): Column | undefined => {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.variables?.has(names.join(".")) === true || at.variables?.has(`${names[0]}.*`) === true)
      return { name: names.at(-1)!, origin: constant }
  }
  return undefined
}

const reference = (context: Context, body: Body, scope: Scope, use: UseKind): Origin => {
  const column = resolveReference(context, body, scope)
  if (column !== undefined) return refer(context.footprint, column, use)
  const fields = body["fields"] as ReadonlyArray<Node>
  const names = stringsOf(fields.filter((field) => !("A_Star" in field)))
  if (names.length === 0) return notUnderstood("* inside an expression")
  const entry = findEntry(scope, names.length > 1 ? names[0] : undefined, names.at(-1)!)
  if (entry === undefined || names.length > 2) return unresolved("a row that is not known is not understood")
  if (names.length > 1) mentionsIn(context)?.qualify(body, entry)
  for (const each of entry.columns) mentionsIn(context)?.refer(each)
  const origin = wholeRow(entry, context.footprint)
  context.footprint.useEach(origin.sources, use)
  return origin
}

const operatorExpression = (context: Context, body: Body, scope: Scope, use: UseKind): Origin => {
  const kind = body["kind"] as string
  const names = stringsOf(body["name"])
  if (!operatorKinds.has(kind)) return notUnderstood(kind)
  for (const operator of comparedWith(kind, names)) operatorCall(context, operator)
  const parts: Array<Origin> = []
  for (const side of ["lexpr", "rexpr"]) {
    if (body[side] !== undefined) parts.push(asDerived(value(context, body[side], scope, use)))
  }
  return derived(parts)
}

const operatorKinds = new Set([
  "AEXPR_OP",
  "AEXPR_OP_ANY",
  "AEXPR_OP_ALL",
  "AEXPR_DISTINCT",
  "AEXPR_NOT_DISTINCT",
  "AEXPR_NULLIF",
  "AEXPR_IN",
  "AEXPR_LIKE",
  "AEXPR_ILIKE",
  "AEXPR_SIMILAR",
  "AEXPR_BETWEEN",
  "AEXPR_NOT_BETWEEN",
  "AEXPR_BETWEEN_SYM",
  "AEXPR_NOT_BETWEEN_SYM"
])

/** The operators that an expression runs: BETWEEN is spelt with others than its own. */
const comparedWith = (kind: string, names: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> =>
  kind.includes("BETWEEN") ? [["<="], [">="], ["<"], [">"]] : [names]

const sublink = (context: Context, body: Body, scope: Scope, use: UseKind): Origin => {
  const parts: Array<Origin> = []
  if (body["testexpr"] !== undefined) {
    parts.push(asDerived(value(context, body["testexpr"], scope, use)))
    const operator = stringsOf(body["operName"])
    operatorCall(context, operator.length === 0 ? ["="] : operator)
  }
  const query = body["subselect"]["SelectStmt"] as Body | undefined
  if (query === undefined) return notUnderstood("a subquery that is no SELECT")
  const [columns, steering] = context.footprint.aside(() => selectColumns(context, query, inner(scope)))
  context.footprint.useAll(steering)
  if (columns[0] !== undefined) noteFirstOutput(body, columns[0].name)
  if (body["subLinkType"] !== "EXISTS_SUBLINK") {
    for (const column of columns) parts.push(asDerived(refer(context.footprint, column, use)))
  }
  // Which row it is, and whether there is one, is steered by what the subquery compares.
  parts.push({ how: "derived", sources: steering.map(sourceOf) })
  return derived(parts)
}

/** `(x).field`, `x[1]`, `(x).*` as a value. */
const indirection = (context: Context, body: Body, scope: Scope, use: UseKind): Origin => {
  const steps = body["indirection"] as ReadonlyArray<Node>
  const subscripts = steps.flatMap((step) => {
    const index = step["A_Indices"]
    return index === undefined ? [] : [index["lidx"], index["uidx"]].filter((node) => node !== undefined) as Array<Node>
  })
  const parts = [values(context, subscripts, scope, use)]
  const field = steps[0]?.["String"]?.["sval"] as string | undefined
  const row = field === undefined ? undefined : rowNamed(body["arg"], scope)
  const column = row === undefined ? undefined : columnOf(row, field!)
  if (column !== undefined) parts.push(refer(context.footprint, column, use))
  else parts.push(value(context, body["arg"], scope, use))
  const { sources, how } = derived(parts)
  return { how: how === "constant" ? "constant" : "derived", sources }
}

/** The entry whose whole row an expression is, or undefined. */
export const rowNamed = (node: Node, scope: Scope) => {
  const reference = node["ColumnRef"]
  if (reference === undefined) return undefined
  const fields = reference["fields"] as ReadonlyArray<Node>
  if (fields.some((field) => "A_Star" in field) || fields.length > 2) return undefined
  const names = stringsOf(fields)
  if (names.length === 1 && findBare(scope, names[0]!) !== undefined) return undefined
  return names.length === 1 ? findEntry(scope, undefined, names[0]!) : undefined
}

const jsonAggregate = (context: Context, body: Body, scope: Scope, use: UseKind): Origin => {
  const constructor = body["constructor"] as Body
  for (const field in body) {
    if (!["constructor", "arg", "absent_on_null", "unique"].includes(field))
      return notUnderstood(`JSON aggregate ${field}`)
  }
  if (constructor["over"] !== undefined || constructor["agg_filter"] !== undefined) {
    return notUnderstood("a JSON aggregate with FILTER or OVER")
  }
  const wrap = body["arg"] as Body
  const node: Node = "key" in wrap ? { JsonKeyValue: wrap } : { JsonValueExpr: wrap }
  const origin = value(context, node, scope, use === "transform" ? "aggregate" : use)
  for (const order of constructor["agg_order"] ?? []) {
    value(context, (order as Node)["SortBy"]!["node"], scope, "order")
  }
  return { how: "derived", sources: origin.sources }
}

/** The text of a literal argument. */
export const literalArgument = (nodes: ReadonlyArray<Node> | undefined, index: number): string | undefined =>
  literalOf(nodes?.[index])
