import type { Relation } from "../catalogue/snapshot.ts"
import { type Body, holds, type Node } from "../parse/tree.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"
import type { Context } from "../resolve/context.ts"
import { value } from "../resolve/expression.ts"
import { fromClause, fromItem, relationNamed } from "../resolve/from.ts"
import { baseColumns, relationEntry } from "../resolve/relation-entry.ts"
import { commonTables } from "../resolve/common-tables.ts"
import { type Column, emptyScope, type Entry, inner, refer, type Scope, withEntries } from "../resolve/scope.ts"
import { selectColumns, targets } from "../resolve/select.ts"
import { judgeDefaults, judgeWrite } from "./write-target.ts"

const check = (tag: string, body: Body, known: ReadonlyArray<string>): void => {
  for (const field in body) if (!known.includes(field)) notUnderstood(`${tag}.${field}`)
}

const withClauseOf = (context: Context, body: Body, scope: Scope): Scope =>
  body["withClause"] === undefined ? scope : commonTables(context, body["withClause"], scope)

/** The target as names see it. It counts as read only for the columns that are referred to. */
const targetEntry = (context: Context, relation: Relation, range: Body): Entry => {
  const entry = relationEntry(context, relation, range["inh"] !== true)
  const alias = range["alias"]?.["aliasname"] as string | undefined
  const schema = range["schemaname"] as string | undefined
  const { schema: _, ...bare } = entry
  return { ...bare, name: alias ?? relation.name, ...(alias === undefined && schema !== undefined ? { schema } : {}) }
}

/** RETURNING: the target's columns, and `old` and `new` (PostgreSQL 18). */
const returning = (context: Context, clause: Body | undefined, scope: Scope): ReadonlyArray<Column> | undefined => {
  if (clause === undefined) return undefined
  check("ReturningClause", clause, ["exprs"])
  return targets(context, clause["exprs"], scope)
}

export const insertInto = (context: Context, body: Body, outer: Scope): ReadonlyArray<Column> | undefined => {
  const { footprint } = context
  footprint.raise("write")
  check("InsertStmt", body, [
    "relation",
    "cols",
    "selectStmt",
    "onConflictClause",
    "returningClause",
    "withClause",
    "override"
  ])
  const scope = withClauseOf(context, body, outer)
  const relation = relationNamed(context, body["relation"])
  const named = body["cols"] === undefined ? undefined : targetNames(context, body["cols"], scope)
  const query = body["selectStmt"]?.["SelectStmt"] as Body | undefined
  const columns = query === undefined ? [] : selectColumns(context, query, inner(scope))
  for (const column of columns) refer(footprint, column, "write")
  const positional = query === undefined ? undefined : relation.columns.slice(0, columns.length)
  const fields = named ?? positional?.map((column) => column.name)
  judgeWrite(context, relation, "insert", fields, body["relation"]["inh"] !== true)
  if (holds(query?.["valuesLists"], "SetToDefault")) judgeDefaults(context, relation)
  if (body["onConflictClause"] === undefined && body["returningClause"] === undefined) return undefined
  const target = targetEntry(context, relation, body["relation"])
  const inside = withEntries({ ...emptyScope, ctes: scope.ctes, outer: scope.outer }, [target])
  if (body["onConflictClause"] !== undefined) onConflict(context, body["onConflictClause"], relation, inside)
  return returning(context, body["returningClause"], inside)
}

const onConflict = (context: Context, clause: Body, relation: Relation, scope: Scope): void => {
  const infer = clause["infer"] as Body | undefined
  for (const item of infer?.["indexElems"] ?? []) {
    const element = (item as Node)["IndexElem"]!
    const node = element["expr"] ?? { ColumnRef: { fields: [{ String: { sval: element["name"] } }] } }
    value(context, node, scope, "compare")
  }
  if (infer?.["whereClause"] !== undefined) value(context, infer["whereClause"], scope, "predicate")
  if (infer?.["conname"] !== undefined || infer === undefined) {
    // The constraint's columns are not in the text: it compares by whatever it covers.
    for (const column of scope.entries[0]!.columns) refer(context.footprint, column, "compare")
  }
  if (clause["action"] !== "ONCONFLICT_UPDATE") return
  const excluded: Entry = {
    name: "excluded",
    columns: baseColumns(context, relation, true),
    named: true,
    bare: false
  }
  assignments(context, clause["targetList"], relation, withEntries(scope, [excluded]), false)
  if (clause["whereClause"] !== undefined)
    value(context, clause["whereClause"], withEntries(scope, [excluded]), "predicate")
}

/**
 * The columns that values go to. Where in an array they go is written too: `a[i]`, `a[i:j]` show in its bounds, so
 * both of a slice count, and so they do in the column lists of INSERT and MERGE.
 */
const targetNames = (context: Context, list: ReadonlyArray<Node>, scope: Scope): ReadonlyArray<string> =>
  list.map((item) => {
    const target = item["ResTarget"]!
    for (const step of (target["indirection"] ?? []) as ReadonlyArray<Node>) {
      const index = step["A_Indices"]
      if (index === undefined && step["String"] === undefined) return notUnderstood("a target of this form")
      for (const bound of [index?.["lidx"], index?.["uidx"]]) {
        if (bound !== undefined) value(context, bound, scope, "write")
      }
    }
    return target["name"] as string
  })

/** `SET column = value`: what flows in, and which columns it flows into. */
const assignments = (
  context: Context,
  list: ReadonlyArray<Node>,
  relation: Relation,
  scope: Scope,
  only: boolean
): void => {
  const fields = targetNames(context, list, scope)
  for (const item of list) {
    value(context, item["ResTarget"]!["val"], scope, "write")
  }
  judgeWrite(context, relation, "update", fields, only)
  if (holds(list, "SetToDefault")) judgeDefaults(context, relation)
}

export const update = (context: Context, body: Body, outer: Scope): ReadonlyArray<Column> | undefined => {
  context.footprint.raise("write")
  check("UpdateStmt", body, ["relation", "targetList", "whereClause", "fromClause", "returningClause", "withClause"])
  const scope = withClauseOf(context, body, outer)
  const relation = relationNamed(context, body["relation"])
  const target = targetEntry(context, relation, body["relation"])
  const from = fromClause(context, body["fromClause"] ?? [], scope)
  const inside: Scope = { ...inner(scope), entries: [target, ...from] }
  if (body["whereClause"] !== undefined) value(context, body["whereClause"], inside, "predicate")
  assignments(context, body["targetList"], relation, inside, body["relation"]["inh"] !== true)
  return returning(context, body["returningClause"], inside)
}

export const deleteFrom = (context: Context, body: Body, outer: Scope): ReadonlyArray<Column> | undefined => {
  context.footprint.raise("write")
  check("DeleteStmt", body, ["relation", "usingClause", "whereClause", "returningClause", "withClause"])
  const scope = withClauseOf(context, body, outer)
  const relation = relationNamed(context, body["relation"])
  const target = targetEntry(context, relation, body["relation"])
  const from = fromClause(context, body["usingClause"] ?? [], scope)
  const inside: Scope = { ...inner(scope), entries: [target, ...from] }
  if (body["whereClause"] !== undefined) value(context, body["whereClause"], inside, "predicate")
  judgeWrite(context, relation, "delete", undefined, body["relation"]["inh"] !== true)
  return returning(context, body["returningClause"], inside)
}

export const mergeInto = (context: Context, body: Body, outer: Scope): ReadonlyArray<Column> | undefined => {
  context.footprint.raise("write")
  check("MergeStmt", body, [
    "relation",
    "sourceRelation",
    "joinCondition",
    "mergeWhenClauses",
    "returningClause",
    "withClause"
  ])
  const scope = withClauseOf(context, body, outer)
  const relation = relationNamed(context, body["relation"])
  const target = targetEntry(context, relation, body["relation"])
  const source = fromItem(context, body["sourceRelation"], scope, [])
  const inside: Scope = { ...inner(scope), entries: [...source, target] }
  value(context, body["joinCondition"], inside, "join")
  for (const item of body["mergeWhenClauses"]) mergeWhen(context, (item as Node)["MergeWhenClause"]!, relation, inside)
  return returning(context, body["returningClause"], inside)
}

const mergeWhen = (context: Context, clause: Body, relation: Relation, scope: Scope): void => {
  if (clause["condition"] !== undefined) value(context, clause["condition"], scope, "predicate")
  switch (clause["commandType"]) {
    case "CMD_NOTHING":
      return
    case "CMD_UPDATE":
      return assignments(context, clause["targetList"], relation, scope, false)
    case "CMD_DELETE":
      return judgeWrite(context, relation, "delete", undefined, false)
    case "CMD_INSERT": {
      for (const item of clause["values"] ?? []) value(context, item, scope, "write")
      const named = targetNames(context, clause["targetList"] ?? [], scope)
      if (holds(clause["values"], "SetToDefault")) judgeDefaults(context, relation)
      return judgeWrite(context, relation, "insert", named.length > 0 ? named : undefined, false)
    }
    default:
      return unresolved("an action of MERGE is not understood")
  }
}
