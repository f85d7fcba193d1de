import type { Source } from "../../../../core/family/sql/index.ts"
import { findRelation } from "../catalogue/lookup.ts"
import { type Body, type Node, stringsOf, tagOf } from "../parse/tree.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"
import { rename } from "./common-tables.ts"
import type { Context } from "./context.ts"
import { value, values } from "./expression.ts"
import type { Footprint } from "./footprint.ts"
import { functionEntry } from "./function-entry.ts"
import { joinEntries } from "./join.ts"
import { locationOf, mentionsIn } from "./mentions.ts"
import { relationEntry } from "./relation-entry.ts"
import { type Column, type Cte, type Entry, findCte, inner, type Scope } from "./scope.ts"
import { selectColumns } from "./select.ts"

/** What names mean after a FROM clause: its items, from left to right. */
export const fromClause = (context: Context, items: ReadonlyArray<Node>, outer: Scope): ReadonlyArray<Entry> => {
  const entries: Array<Entry> = []
  for (const item of items) entries.push(...fromItem(context, item, outer, entries))
  const names = new Set<string>()
  for (const { name, named, schema } of entries) {
    const key = `${schema ?? ""} ${name}`
    if (named && name !== undefined && names.has(key))
      return unresolved("a table name that stands twice is not understood")
    names.add(key)
  }
  return entries
}

/** One item. `left` is what stands to its left, which LATERAL items and functions may refer to. */
export const fromItem = (
  context: Context,
  item: Node,
  outer: Scope,
  left: ReadonlyArray<Entry>
): ReadonlyArray<Entry> => {
  const tag = tagOf(item)
  const body = tag === undefined ? {} : item[tag]!
  const lateral = (): Scope => ({ entries: left, outer, ctes: outer.ctes })
  switch (tag) {
    case "RangeVar":
      return [rangeEntry(context, body, outer)]
    case "RangeSubselect": {
      const query = body["subquery"]["SelectStmt"] as Body | undefined
      if (query === undefined) return notUnderstood("a subquery that is no SELECT")
      const scope = body["lateral"] === true ? inner(lateral()) : inner(outer)
      return [aliased(selectColumns(context, query, scope), body["alias"])]
    }
    case "RangeFunction":
      return [functionEntry(context, body, lateral())]
    case "RangeTableSample": {
      values(context, body["args"], outer, "predicate")
      if (body["repeatable"] !== undefined) value(context, body["repeatable"], outer, "predicate")
      const method = stringsOf(body["method"]).at(-1)
      if (method !== "bernoulli" && method !== "system") return notUnderstood("a sampling method that is not built in")
      return fromItem(context, body["relation"], outer, left)
    }
    case "JoinExpr":
      return joinEntries(context, body, outer, left)
    default:
      return notUnderstood(`${tag} in FROM`)
  }
}

const aliased = (columns: ReadonlyArray<Entry["columns"][number]>, alias: Body | undefined): Entry => ({
  name: alias?.["aliasname"] as string | undefined,
  columns: rename(columns, stringsOf(alias?.["colnames"])),
  named: alias !== undefined,
  bare: true
})

/** A table, view or common table expression by its name. */
const rangeEntry = (context: Context, body: Body, scope: Scope): Entry => {
  const schema = body["schemaname"] as string | undefined
  const name = body["relname"] as string
  const alias = body["alias"] as Body | undefined
  const cte = schema === undefined ? findCte(scope, name) : undefined
  if (cte !== undefined) {
    const columns = readAgain(context.footprint, cte)
    return { ...aliased(columns, alias), name: alias?.["aliasname"] ?? name, named: true }
  }
  const relation = relationNamed(context, body)
  context.footprint.spread(relation.columns.length)
  const entry = relationEntry(context, relation, body["inh"] !== true, true)
  const at = locationOf(body)
  mentionsIn(context)?.add({ at, range: body, relation, columns: entry.columns })
  return {
    ...entry,
    mention: at,
    ...(alias === undefined ? { name } : { name: alias["aliasname"] as string }),
    ...(alias === undefined && schema !== undefined ? { schema } : {}),
    columns: rename(placed(entry.columns, at), stringsOf(alias?.["colnames"]))
  }
}

/** The rows of a common table expression stand beside themselves where it is named more than once. */
const readAgain = (footprint: Footprint, cte: Cte): ReadonlyArray<Column> => {
  if (footprint.isFirst(cte)) return cte.columns
  const readings = new Map<string, number>()
  const renewed = (source: Source): Source => {
    const key = `${source.table} ${source.reading ?? 0}`
    const reading = readings.get(key) ?? footprint.reading(source.table)
    readings.set(key, reading)
    return { ...source, reading }
  }
  return cte.columns.map((column) => ({
    ...column,
    origin: { ...column.origin, sources: column.origin.sources.map(renewed) }
  }))
}

const placed = (columns: Entry["columns"], mention: number): Entry["columns"] =>
  columns.map((column) => ({ ...column, place: { mention, name: column.name } }))

/** The relation that a RangeVar names. */
export const relationNamed = (context: Context, body: Body) => {
  if (body["catalogname"] !== undefined) return notUnderstood("a name that starts with a database")
  const name = body["relname"] as string
  const schema = body["schemaname"] as string | undefined
  const found = findRelation(context.snapshot, context.path, schema, name)
  return found ?? unresolved(`a relation that is not known: ${schema === undefined ? name : `${schema}.${name}`}`)
}
