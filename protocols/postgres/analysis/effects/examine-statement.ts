import { type Node, type ParsedStatement, tagOf } from "../parse/tree.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"
import type { Context } from "../resolve/context.ts"
import { outputValue } from "../resolve/expression.ts"
import { judgePartitions } from "../resolve/relation-entry.ts"
import { type Column, derived, emptyScope, inner, refer, type Scope, sourceOf } from "../resolve/scope.ts"
import { selectColumns } from "../resolve/select.ts"
import { copyStatement } from "./copy.ts"
import { define, isDefinition } from "./define.ts"
import { deleteFrom, insertInto, mergeInto, update } from "./write.ts"
import { administer } from "./administer.ts"
import { judgeSet } from "./settings.ts"

/**
 * Notes everything that one statement touches. The answer is what its rows consist of, or undefined for a statement
 * that shows none. `scope` is what stands around it: a function's arguments, or the WITH of an outer statement.
 */
export const examineStatement = (
  context: Context,
  statement: ParsedStatement,
  scope: Scope = emptyScope
): ReadonlyArray<Column> | undefined => {
  const { tag, body } = statement
  const { footprint } = context
  switch (tag) {
    case "SelectStmt":
      return body["intoClause"] === undefined
        ? selectColumns(context, body, inner(scope))
        : selectInto(context, statement, scope)
    case "InsertStmt":
      return insertInto(context, body, scope)
    case "UpdateStmt":
      return update(context, body, scope)
    case "DeleteStmt":
      return deleteFrom(context, body, scope)
    case "MergeStmt":
      return mergeInto(context, body, scope)
    case "CopyStmt":
      return copyStatement(context, body)
    case "ReturnStmt":
      return [{ ...outputValue(context, body["returnval"], scope), name: "return" }]
    case "ExplainStmt":
      return explain(context, body["query"], scope)
    case "VariableSetStmt":
      judgeSet(context, body)
      return undefined
    case "VariableShowStmt":
      return [{ name: body["name"] as string, origin: { how: "derived", sources: [] } }]
    case "TransactionStmt":
      return transaction(context, body["kind"])
    case "ConstraintsSetStmt":
    case "DeallocateStmt":
    case "DiscardStmt":
    case "ClosePortalStmt":
    case "UnlistenStmt":
      return undefined
    case "ListenStmt":
      footprint.raise("read")
      footprint.readOther("server", "notifications")
      return undefined
    case "NotifyStmt":
      footprint.raise("write")
      footprint.writeOther("server", "notifications")
      return undefined
    case "DoStmt":
      footprint.raise("execute")
      return unresolved("DO runs code whose effect is not known")
    default:
      if (isDefinition(tag)) return define(context, tag, body)
      return administer(context, tag, body)
  }
}

const transaction = (context: Context, kind: string): undefined => {
  if (!kind.includes("PREPARED") && kind !== "TRANS_STMT_PREPARE") return undefined
  context.footprint.raise("admin")
  return unresolved("a two-phase transaction is not understood")
}

const selectInto = (context: Context, statement: ParsedStatement, scope: Scope): undefined => {
  const { intoClause, ...query } = statement.body
  context.footprint.raise("define")
  createFrom(context, intoClause["rel"], { SelectStmt: query }, scope)
  return undefined
}

/** SELECT INTO and CREATE TABLE AS: a new relation, and what flows into it. */
export const createFrom = (context: Context, into: Node[string], query: Node, scope: Scope): ReadonlyArray<Column> => {
  const tag = tagOf(query)!
  if (tag !== "SelectStmt") return notUnderstood(`CREATE TABLE AS ${tag}`)
  const columns = selectColumns(context, query[tag]!, inner(scope))
  for (const column of columns) refer(context.footprint, column, "write")
  context.footprint.raise("define")
  context.footprint.writeOther("table", newName(context, into))
  return columns
}

/** The canonical name of a relation that does not exist yet. */
export const newName = (context: Context, range: Node[string]): string => {
  const schema = range["schemaname"] as string | undefined
  if (range["relpersistence"] === "t") return `pg_temp.${range["relname"]}`
  const first = context.path.find((candidate) => context.snapshot.schemas.has(candidate))
  const home = schema ?? first ?? unresolved("a new name without a schema to be in is not understood")
  return `${home}.${range["relname"]}`
}

/** What EXPLAIN shows is made of everything that the statement touches; with ANALYZE it also runs. */
const explain = (context: Context, query: Node, scope: Scope): ReadonlyArray<Column> => {
  const tag = tagOf(query)!
  context.footprint.raise("read")
  const [columns, uses] = context.footprint.aside(() => {
    const shown = examineStatement(context, { tag, body: query[tag]! }, scope)
    for (const { name } of context.footprint.reads) {
      const relation = context.snapshot.relations.get(name)
      if (relation !== undefined) judgePartitions(context, relation)
    }
    return shown
  })
  context.footprint.useAll(uses)
  const shown = (columns ?? []).flatMap((column) => refer(context.footprint, column, "predicate").sources)
  const { sources } = derived([{ how: "derived", sources: [...shown, ...uses.map(sourceOf)] }])
  return [{ name: "QUERY PLAN", origin: { how: "derived", sources } }]
}
