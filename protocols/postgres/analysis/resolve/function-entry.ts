import { builtIns } from "../builtins/functions.ts"
import { findRelation, findRoutines, findType } from "../catalogue/lookup.ts"
import { type Body, type Node, stringsOf, tagOf } from "../parse/tree.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"
import { rename } from "./common-tables.ts"
import type { Context } from "./context.ts"
import { asDerived, value } from "./expression.ts"
import { routineColumns } from "./routine-body.ts"
import { callOf, type Candidates, candidatesOf } from "./routines.ts"
import { type Column, columnOf, derived, type Entry, findBare, findEntry, type Origin, type Scope } from "./scope.ts"

/** A function in FROM. Its rows are computed from its arguments and from whatever its body reads. */
export const functionEntry = (context: Context, body: Body, scope: Scope): Entry => {
  const alias = body["alias"] as Body | undefined
  const items = (body["functions"] as ReadonlyArray<Node>).map((node) => node["List"]!["items"] as ReadonlyArray<Node>)
  if (items.length !== 1) return notUnderstood("ROWS FROM with several functions")
  const [call, ownTypes] = items[0]!
  if (call === undefined || tagOf(call) !== "FuncCall") return notUnderstood("an expression in FROM")
  const given = definedNames(body["coldeflist"]) ?? definedNames(ownTypes?.["List"]?.["items"])
  const columns = [
    ...callColumns(context, call, scope, given, alias),
    ...(body["ordinality"] === true ? [{ name: "ordinality", origin: rowsOf([]) }] : [])
  ]
  return {
    name: alias?.["aliasname"] as string ?? callOf(call["FuncCall"]!).name,
    columns: rename(columns, stringsOf(alias?.["colnames"])),
    named: true,
    bare: true
  }
}

const rowsOf = (origins: ReadonlyArray<Origin>): Origin => ({ how: "derived", sources: derived(origins).sources })

/** Names of a column definition list: `AS t(a int, b text)`. */
const definedNames = (list: ReadonlyArray<Node> | undefined): ReadonlyArray<string> | undefined =>
  list === undefined || list.length === 0
    ? undefined
    : list.map((node) => node["ColumnDef"]?.["colname"] as string ?? notUnderstood("a column definition"))

const callColumns = (
  context: Context,
  node: Node,
  scope: Scope,
  given: ReadonlyArray<string> | undefined,
  alias: Body | undefined
): ReadonlyArray<Column> => {
  const call = callOf(node["FuncCall"]!)
  if (call.name === "unnest" && call.schema !== undefined && call.schema !== "pg_catalog") {
    return notUnderstood("unnest in another schema")
  }
  if (call.name === "unnest") return unnested(context, call.args, scope, alias)
  const candidates = candidatesOf(context, call, node["FuncCall"]!)
  const origin = asDerived(value(context, node, scope, "transform"))
  const mixed = rowsOf([origin])
  if (given !== undefined) return given.map((name) => ({ name, origin: mixed }))
  const own = bodyColumns(context, candidates)
  const names = returnedNames(context, candidates, call.name, alias)
  if (own !== undefined && own.length === names.length) {
    // Each column of a query's rows comes from its own sources; what the arguments carry steers all of them.
    return names.map((name, index) => ({ name, origin: rowsOf([own[index]!.origin]) }))
  }
  return names.map((name) => ({ name, origin: mixed }))
}

/** `unnest` yields a column for each array. A tsvector has an `unnest` of its own, with other columns: refused. */
const unnested = (
  context: Context,
  args: ReadonlyArray<Node>,
  scope: Scope,
  alias: Body | undefined
): ReadonlyArray<Column> => {
  if (findRoutines(context.snapshot, context.path, undefined, "unnest").length > 0) {
    return notUnderstood("unnest where another function has that name")
  }
  return args.map((node) => {
    if (!isArray(node, scope)) return notUnderstood("unnest of something that may be no array")
    const origin = rowsOf([asDerived(value(context, node, scope, "transform"))])
    return { name: args.length === 1 ? alias?.["aliasname"] as string ?? "unnest" : "unnest", origin }
  })
}

/** Whether an expression is an array for certain. */
const isArray = (node: Node, scope: Scope): boolean => {
  const tag = tagOf(node)
  const body = tag === undefined ? {} : node[tag]!
  switch (tag) {
    case "A_ArrayExpr":
      return true
    case "SubLink":
      return body["subLinkType"] === "ARRAY_SUBLINK"
    case "TypeCast":
      return body["typeName"]["arrayBounds"] !== undefined
    case "FuncCall": {
      const overloads = builtIns(stringsOf(body["funcname"]).at(-1)!)
      return overloads.length > 0 && overloads.every((one) => one.returns.endsWith("[]") || one.returns === "anyarray")
    }
    case "ColumnRef": {
      const names = stringsOf(body["fields"])
      const entry = names.length === 2 ? findEntry(scope, undefined, names[0]!) : undefined
      const column = names.length === 1
        ? findBare(scope, names[0]!)
        : entry === undefined
        ? undefined
        : columnOf(entry, names[1]!)
      return column?.type !== undefined && column.type !== "tsvector"
    }
    default:
      return false
  }
}

const bodyColumns = (context: Context, candidates: Candidates): ReadonlyArray<Column> | undefined => {
  const [only, more] = candidates.routines
  if (only === undefined || more !== undefined || candidates.builtIns.length > 0) return undefined
  if (only.language !== "sql" || !only.set) return undefined
  const [columns] = context.footprint.aside(() => routineColumns(context, only))
  return columns
}

/** The names of what a function returns, on which every candidate must agree. */
const returnedNames = (
  context: Context,
  candidates: Candidates,
  name: string,
  alias: Body | undefined
): ReadonlyArray<string> => {
  const shapes = [...candidates.builtIns, ...candidates.routines].map((one) =>
    one.outputs !== undefined && one.outputs.length > 1 ? one.outputs : rowNames(context, one, alias, name)
  )
  const [first, ...others] = shapes
  if (first === undefined) return unresolved(`a function that is not known: ${name}`)
  const agreed = others.every((shape) => shape.length === first.length && shape.every((item, at) => item === first[at]))
  return agreed ? first : unresolved("a function whose overloads return different columns is not understood")
}

const rowNames = (
  context: Context,
  one: { readonly returns: string; readonly outputs?: ReadonlyArray<string> | undefined },
  alias: Body | undefined,
  name: string
): ReadonlyArray<string> => {
  if (one.outputs?.length === 1 && one.returns !== "record") {
    return [alias?.["aliasname"] as string ?? one.outputs[0]!]
  }
  if (one.returns === "record")
    return unresolved("a function that returns records of unknown columns is not understood")
  const { schema, type } = splitType(one.returns)
  const relation = type.endsWith("[]") ? undefined : findRelation(context.snapshot, context.path, schema, type)
  if (relation !== undefined) return relation.columns.map((column) => column.name)
  if (findType(context.snapshot, context.path, schema, type)?.kind === "composite") {
    return unresolved("a function that returns a composite type is not understood")
  }
  return [alias?.["aliasname"] as string ?? name]
}

const splitType = (returns: string): { readonly schema: string | undefined; readonly type: string } => {
  const dot = returns.indexOf(".")
  return dot < 0
    ? { schema: undefined, type: returns }
    : { schema: returns.slice(0, dot), type: returns.slice(dot + 1) }
}
