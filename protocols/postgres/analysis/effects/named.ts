import { type Body, type Node, type ParsedStatement, tagOf } from "../parse/tree.ts"
import { unresolved } from "../unresolved.ts"
import type { Context } from "../resolve/context.ts"
import { values } from "../resolve/expression.ts"
import { type Column, emptyScope } from "../resolve/scope.ts"
import type { SessionNames } from "../session-names.ts"
import { examineStatement } from "./examine-statement.ts"

const named = new Set(["PrepareStmt", "ExecuteStmt", "DeclareCursorStmt", "FetchStmt"])

/** Whether a statement gives a name to another in its session, or asks for one by its name. */
export const isNamed = (tag: string): boolean => named.has(tag)

/** A statement that names another is judged as that other, both when the name is given and each time it is used. */
export const examineNamed = (
  context: Context,
  statement: ParsedStatement,
  names: SessionNames
): ReadonlyArray<Column> | undefined => {
  const { tag, body } = statement
  switch (tag) {
    case "PrepareStmt":
      examineInner(context, body["query"], names)
      return undefined
    case "DeclareCursorStmt":
      // What the cursor will show is shown by FETCH; that it is opened already touches it.
      for (const column of examineInner(context, body["query"], names) ?? []) showSources(context, column)
      return undefined
    case "ExecuteStmt":
      return execute(context, body, names)
    default:
      return fetch(context, body, names)
  }
}

const execute = (context: Context, body: Body, names: SessionNames): ReadonlyArray<Column> | undefined => {
  const query = names.prepared(body["name"])
  context.footprint.raise("read")
  if (query === undefined)
    return unresolved("EXECUTE of what this session did not prepare, or not small enough to keep, is not understood")
  for (const source of values(context, body["params"], emptyScope, "predicate").sources) {
    context.footprint.use(source, "predicate")
  }
  return examineInner(context, query, names)
}

const fetch = (context: Context, body: Body, names: SessionNames): ReadonlyArray<Column> | undefined => {
  const query = names.cursor(body["portalname"])
  context.footprint.raise("read")
  if (query === undefined)
    return unresolved("a cursor that this session did not declare, or not small enough to keep, is not understood")
  const columns = examineInner(context, query, names)
  if (body["ismove"] !== true) return columns
  for (const column of columns ?? []) showSources(context, column)
  return undefined
}

const examineInner = (context: Context, query: Node, names: SessionNames): ReadonlyArray<Column> | undefined => {
  const tag = tagOf(query)!
  const body = query[tag]!
  return isNamed(tag) ? examineNamed(context, { tag, body }, names) : examineStatement(context, { tag, body })
}

const showSources = (context: Context, column: Column): void => {
  for (const source of column.origin.sources) context.footprint.show(source)
}
