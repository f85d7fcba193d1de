import { examineStatement } from "../effects/examine-statement.ts"
import { type Body, type Node, stringsOf, tagOf } from "../parse/tree.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"
import type { Context } from "./context.ts"
import { asDerived } from "./expression.ts"
import { type Column, type Cte, derived, inner, type Scope } from "./scope.ts"
import { selectColumns } from "./select.ts"

/** The scope in which the names of a WITH clause are known. */
export const commonTables = (context: Context, clause: Body, outer: Scope): Scope => {
  const ctes = new Map(outer.ctes)
  const recursive = clause["recursive"] === true
  const all = (clause["ctes"] as ReadonlyArray<Node>).map((node) => node["CommonTableExpr"]!)
  // Under RECURSIVE a name is known before it is defined. Nothing says yet what it holds, so asking for it is refused.
  if (recursive) { for (const cte of all) ctes.set(cte["ctename"] as string, pending) }
  for (const cte of all) {
    if (cte["search_clause"] !== undefined || cte["cycle_clause"] !== undefined) return notUnderstood("SEARCH or CYCLE")
    const scope: Scope = { ...outer, ctes: new Map(ctes) }
    ctes.set(cte["ctename"] as string, { columns: tableColumns(context, cte, scope, recursive) })
  }
  return { ...outer, ctes }
}

/** A common table expression that a recursive list names before it is resolved. */
const pending: Cte = {
  get columns(): ReadonlyArray<Column> {
    return unresolved("a common table expression that is used before it is defined is not understood")
  }
}

const tableColumns = (context: Context, cte: Body, scope: Scope, recursive: boolean): ReadonlyArray<Column> => {
  const query = cte["ctequery"] as Node
  const tag = tagOf(query)!
  const body = query[tag]!
  if (tag !== "SelectStmt") return renamed(examineStatement(context, { tag, body }, inner(scope)) ?? [], cte)
  const isUnion = body["op"] === "SETOP_UNION" && body["larg"] !== undefined
  if (!recursive || !isUnion) return renamed(selectColumns(context, body, inner(scope)), cte)
  return recursion(context, cte, body, scope)
}

/**
 * A recursive term may move columns about, so what each holds is found by going round until nothing is added. Every
 * column is computed: none is a bare copy.
 */
const recursion = (context: Context, cte: Body, body: Body, scope: Scope): ReadonlyArray<Column> => {
  const name = cte["ctename"] as string
  const { withClause } = body
  if (withClause !== undefined) return notUnderstood("WITH inside a recursive query")
  const seed = renamed(selectColumns(context, body["larg"], inner(scope)), cte)
  let columns = seed.map(computed)
  for (let round = 0; round <= seed.length; round++) {
    const known: Scope = { ...scope, ctes: new Map([...scope.ctes, [name, { columns }]]) }
    const all = selectColumns(context, body, inner(known))
    if (all.length !== columns.length) return notUnderstood("a recursive query of unequal widths")
    const next = columns.map((column, index) => ({
      ...column,
      origin: { ...derived([column.origin, asDerived(all[index]!.origin)]), how: "derived" as const }
    }))
    const grew = next.some((column, index) => column.origin.sources.length > columns[index]!.origin.sources.length)
    columns = next
    if (!grew) return columns
  }
  return columns
}

const computed = (column: Column): Column => ({ ...column, origin: { how: "derived", sources: column.origin.sources } })

const renamed = (columns: ReadonlyArray<Column>, cte: Body): ReadonlyArray<Column> =>
  rename(columns, stringsOf(cte["aliascolnames"]))

/** Columns under the names of an alias; the rest keep theirs. */
export const rename = (columns: ReadonlyArray<Column>, names: ReadonlyArray<string>): ReadonlyArray<Column> => {
  if (names.length > columns.length) return unresolved("an alias with more columns than there are is not understood")
  return names.length === 0 ? columns : columns.map((column, at) => ({ ...column, name: names[at] ?? column.name }))
}
