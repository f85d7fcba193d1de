import { descendants } from "../catalogue/lookup.ts"
import { canonicalName, type Relation, type RelationColumn } from "../catalogue/snapshot.ts"
import { literalsIn } from "../literals.ts"
import { type Node, type ParsedStatement } from "../parse/tree.ts"
import type { Context } from "../resolve/context.ts"
import { relationNamed } from "../resolve/from.ts"

/**
 * Where a value of a row stands: never what it is. A finding serves every statement of the same shape, whatever its
 * values. `literal`: which of the text's literals, counted from 0; `parameter`: from 1.
 */
export type InsertedPlace = { readonly literal: number } | { readonly parameter: number } | undefined

/** How a column's type spells a value as text: as it was given, or as a whole number. */
export type Spelling = "text" | "integer"

/** The rows of an INSERT, by the columns whose values can be known before it runs. Plain data. */
export interface InsertedPlaces {
  readonly table: string
  readonly rows: number
  readonly columns: Readonly<
    Record<string, { readonly spelling: Spelling; readonly places: ReadonlyArray<InsertedPlace> }>
  >
}

/** Types that hold a text as it is given, or refuse it. Not citext, domains or names: they may hold another. */
const spellings: ReadonlyMap<string, Spelling> = new Map([
  ["text", "text"],
  ["character varying", "text"],
  ["character", "text"],
  ["smallint", "integer"],
  ["integer", "integer"],
  ["bigint", "integer"]
])

/** So many values of rows are followed: each execution reads them, while everyone else waits. */
const PLACES_MAX = 10_000

/**
 * The rows of a text that is one `INSERT … VALUES`; undefined where they cannot be told from the text alone. The text
 * must have been understood: whatever it writes besides stands in the footprint.
 */
export const insertedPlaces = (
  context: Context,
  { body, tag }: ParsedStatement,
  text: string
): InsertedPlaces | undefined => {
  // A second writing is a trigger's, a function's, a common table expression's, or that of ON CONFLICT DO UPDATE.
  if (tag !== "InsertStmt" || context.footprint.writings !== 1) return undefined
  const lists = body["selectStmt"]?.["SelectStmt"]?.["valuesLists"] as ReadonlyArray<Node> | undefined
  const relation = relationNamed(context, body["relation"])
  if (lists === undefined || !staysAsGiven(context, relation)) return undefined
  if (lists.length * relation.columns.length > PLACES_MAX) return undefined
  const starts = startsIn(text)
  const named = (body["cols"] as ReadonlyArray<Node> | undefined)?.map((node) => node["ResTarget"]!)
  if (named?.some((target) => target["indirection"] !== undefined) === true) return undefined
  const names = named?.map((target) => target["name"] as string) ?? relation.columns.map(({ name }) => name)
  const rows = lists.map((list) => list["List"]!["items"] as ReadonlyArray<Node>)
  const columns = relation.columns.flatMap((column) => {
    const spelling = spellingOf(column)
    const index = names.indexOf(column.name)
    if (spelling === undefined || index < 0) return []
    return [[column.name, { spelling, places: rows.map((items) => placeOf(items[index], spelling, starts)) }] as const]
  })
  const table = canonicalName(relation.schema, relation.name)
  return { table, rows: rows.length, columns: Object.fromEntries(columns) }
}

/** Whether a row that is put in comes to rest as it was given: in this table, or in a partition of it. */
const staysAsGiven = ({ snapshot }: Context, relation: Relation): boolean => {
  const name = canonicalName(relation.schema, relation.name)
  const all = [relation, ...descendants(snapshot, name).map((child) => snapshot.relations.get(child))]
  return all.every((one) =>
    one !== undefined && (one.kind === "table" || one.kind === "partitioned")
    && one.rules.length === 0 && !one.triggers.some(({ events }) => events.includes("insert"))
  )
}

const spellingOf = ({ generated, type }: RelationColumn): Spelling | undefined =>
  generated === undefined ? spellings.get(type) : undefined

/** Which literal begins at which byte, as the parser counts them; none where the text is not a plain one. */
const startsIn = (text: string): ReadonlyMap<number, number> => {
  const starts = new Map<number, number>()
  let at = 0
  let bytes = 0
  for (const { start } of literalsIn(text) ?? []) {
    bytes += Buffer.byteLength(text.slice(at, start))
    at = start
    starts.set(bytes, starts.size)
  }
  return starts
}

/** Among the strings of a column a number would have them all read as numbers, and spelt anew. */
const placeOf = (
  item: Node | undefined,
  spelling: Spelling,
  starts: ReadonlyMap<number, number>
): InsertedPlace => {
  const parameter = item?.["ParamRef"]?.["number"] as number | undefined
  if (parameter !== undefined) return { parameter }
  const constant = item?.["A_Const"]
  if (constant?.["sval"] === undefined && (spelling === "text" || constant?.["ival"] === undefined)) return undefined
  // The parser leaves a location of 0 out.
  const literal = starts.get((constant["location"] as number | undefined) ?? 0)
  return literal === undefined ? undefined : { literal }
}
