import { type Body, type Node, stringsOf } from "../parse/tree.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"
import { rename } from "./common-tables.ts"
import type { Context } from "./context.ts"
import { asDerived, value } from "./expression.ts"
import { fromItem } from "./from.ts"
import { operatorCall } from "./routines.ts"
import { type Column, derived, type Entry, refer, type Scope } from "./scope.ts"

/** A JOIN: what stands on both sides keeps its qualified names; bare ones see the joined columns. */
export const joinEntries = (
  context: Context,
  body: Body,
  outer: Scope,
  before: ReadonlyArray<Entry>
): ReadonlyArray<Entry> => {
  const left = fromItem(context, body["larg"], outer, before)
  const right = fromItem(context, body["rarg"], outer, [...before, ...left])
  const scope: Scope = { entries: [...left, ...right], outer, ctes: outer.ctes }
  if (body["quals"] !== undefined) value(context, body["quals"], scope, "join")
  const leftColumns = shown(left)
  const rightColumns = shown(right)
  context.footprint.spread(leftColumns.length + rightColumns.length)
  const [leftNamed, rightNamed] = [byName(leftColumns), byName(rightColumns)]
  const shared = body["isNatural"] === true
    ? leftColumns.map(({ name }) => name).filter((name) => rightNamed.has(name))
    : stringsOf(body["usingClause"])
  if (shared.length > 0) operatorCall(context, ["="])
  const merged = shared.map((name) => merge(context, body, only(leftNamed, name), only(rightNamed, name)))
  const columns = [...merged, ...without(leftColumns, shared), ...without(rightColumns, shared)]
  return [...contained(left, right, body), ...joined(columns, merged, body)]
}

const shown = (entries: ReadonlyArray<Entry>): ReadonlyArray<Column> =>
  entries.filter((entry) => entry.bare).flatMap((entry) => entry.columns)

const byName = (columns: ReadonlyArray<Column>): ReadonlyMap<string, ReadonlyArray<Column>> =>
  Map.groupBy(columns, ({ name }) => name)

const without = (columns: ReadonlyArray<Column>, names: ReadonlyArray<string>): ReadonlyArray<Column> => {
  const merged = new Set(names)
  return columns.filter((column) => !merged.has(column.name))
}

const only = (columns: ReadonlyMap<string, ReadonlyArray<Column>>, name: string): Column => {
  const found = columns.get(name) ?? []
  return found.length === 1 ? found[0]! : unresolved("a USING column that is missing or ambiguous is not understood")
}

/** A column of USING or NATURAL: one side's where both have the same type, else computed from both. */
const merge = (context: Context, body: Body, left: Column, right: Column): Column => {
  const sides = [refer(context.footprint, left, "join"), refer(context.footprint, right, "join")]
  const sameType = left.type !== undefined && left.type === right.type
  if (sameType && (body["jointype"] === "JOIN_INNER" || body["jointype"] === "JOIN_LEFT")) return left
  if (sameType && body["jointype"] === "JOIN_RIGHT") return { ...right, name: left.name }
  const origin = derived(sides.map(asDerived))
  for (const source of origin.sources) context.footprint.use(source, "transform")
  return { name: left.name, origin, ...(sameType ? { type: left.type } : {}) }
}

const contained = (left: ReadonlyArray<Entry>, right: ReadonlyArray<Entry>, body: Body): ReadonlyArray<Entry> =>
  [...left, ...right].map((entry) => ({ ...entry, bare: false, named: entry.named && body["alias"] === undefined }))

const joined = (columns: ReadonlyArray<Column>, merged: ReadonlyArray<Column>, body: Body): ReadonlyArray<Entry> => {
  const alias = body["alias"] as Body | undefined
  const entry: Entry = {
    name: alias?.["aliasname"] as string | undefined,
    columns: rename(columns, stringsOf(alias?.["colnames"] as ReadonlyArray<Node> | undefined)),
    named: alias !== undefined,
    bare: true
  }
  const using = body["join_using_alias"] as Body | undefined
  if (using === undefined) return [entry]
  if (using["colnames"] !== undefined) return notUnderstood("a USING alias with columns")
  return [entry, { name: using["aliasname"] as string, columns: merged, named: true, bare: false }]
}
