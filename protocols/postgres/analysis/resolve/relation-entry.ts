import type { ColumnRef, ColumnUse, Source } from "../../../../core/family/sql/index.ts"
import { ancestors, descendants } from "../catalogue/lookup.ts"
import {
  canonicalName,
  type Definition,
  type Expression,
  type Relation,
  type RelationColumn
} from "../catalogue/snapshot.ts"
import { isSystemSchema } from "../builtins/system-relations.ts"
import { parseDefinition } from "../parse/parser.ts"
import { type Body, type Node, tagOf } from "../parse/tree.ts"
import { spend } from "../guard/work.ts"
import { unresolved } from "../unresolved.ts"
import { type Context, within } from "./context.ts"
import { value } from "./expression.ts"
import { type Column, derived, emptyScope, type Entry, type Origin, type Scope } from "./scope.ts"
import { selectColumns } from "./select.ts"

/** A relation as FROM sees it, and the note that it is read. `only`: without what inherits from it. */
export const relationEntry = (context: Context, relation: Relation, only: boolean, isMention = false): Entry => {
  const { footprint } = context
  if (relation.kind === "composite") return unresolved("a composite type in FROM is not understood")
  footprint.raise("read")
  footprint.read(relation, only, isMention && context.depth === 0)
  if (relation.kind === "foreign") {
    footprint.raise("move")
    footprint.readOther("endpoint", context.snapshot.servers.get(relation.server ?? "") ?? "unknown")
  }
  judgePolicies(context, relation, only)
  judgePartition(context, relation)
  const entry = { name: relation.name, schema: relation.schema, relation, named: true, bare: true }
  return { ...entry, columns: relationColumns(context, relation, only) }
}

/** Which rows stand in a partition is a condition on its parents' keys, though no text spells it. */
const judgePartition = (context: Context, relation: Relation): void => {
  const parents = ancestors(context.snapshot, relation).map((name) => context.snapshot.relations.get(name))
  judgeKeys(context, relation, parents.flatMap((parent) => parent?.partitionedBy ?? []))
}

/** How many rows stand in each partition: what a plan of the whole table tells. */
export const judgePartitions = (context: Context, relation: Relation): void =>
  judgeKeys(context, relation, relation.partitionedBy ?? [])

const judgeKeys = (context: Context, relation: Relation, keys: ReadonlyArray<string>): void => {
  if (keys.length === 0) return
  for (const { name, origin } of baseColumns(context, relation, false)) {
    if (keys.includes(name)) { for (const source of origin.sources) context.footprint.use(source, "predicate") }
  }
}

/** The columns of a relation: a table's own, or what a view makes of others'. */
const relationColumns = (context: Context, relation: Relation, only: boolean): ReadonlyArray<Column> => {
  if (relation.kind === "view" && !isSystemSchema(relation.schema)) return viewColumns(context, relation)
  if (relation.kind === "materialised") return materialisedColumns(context, relation)
  const plain = baseColumns(
    context,
    relation,
    only,
    context.footprint.reading(canonicalName(relation.schema, relation.name))
  )
  return relation.columns.some((column) => column.generated !== undefined)
    ? plain.map((column, index) => generated(context, relation, relation.columns[index]!, column, plain))
    : plain
}

/** Whose selectors cover a relation's columns: what it is part of, and what is read along with it. */
const coveringOf = ({ snapshot }: Context, relation: Relation, only: boolean): ReadonlyArray<string> => {
  const parents = ancestors(snapshot, relation)
  return only ? parents : [...parents, ...descendants(snapshot, canonicalName(relation.schema, relation.name))]
}

/** A relation's columns as they are kept. `reading` as in `Source`. */
export const baseColumns = (
  context: Context,
  relation: Relation,
  only: boolean,
  reading = 0
): ReadonlyArray<Column> => {
  const covering = coveringOf(context, relation, only)
  return relation.columns.map(({ name, type }) => {
    const source: Source = { ...refTo(relation, name, covering), ...(reading === 0 ? {} : { reading }) }
    return { name, type, origin: { how: "copy", sources: [source] } }
  })
}

const refTo = (relation: Relation, column: string, covering: ReadonlyArray<string>): ColumnRef => ({
  table: canonicalName(relation.schema, relation.name),
  column,
  ...(covering.length === 0 ? {} : { within: covering })
})

/** A generated column carries what it is computed from. */
const generated = (
  context: Context,
  relation: Relation,
  definition: RelationColumn,
  column: Column,
  siblings: ReadonlyArray<Column>
): Column => {
  if (definition.generated === undefined) return column
  const scope: Scope = { ...emptyScope, entries: [{ name: relation.name, columns: siblings, named: true, bare: true }] }
  const expression = expressionOf(definition.generated)
  const [origin, uses] = context.footprint.aside(() => value(within(context, []), expression, scope, "transform"))
  return {
    ...column,
    trail: uses,
    origin: { how: "derived", sources: derived([column.origin, origin]).sources }
  }
}

/** The tree of an expression that the catalogue holds. */
export const expressionOf = (held: Expression): Node => {
  if (typeof held !== "string") return held
  const [statement] = parseDefinition(`SELECT ${held}`)
  const target = statement?.body["targetList"]?.[0]?.["ResTarget"]?.["val"] as Node | undefined
  return target ?? unresolved("an expression in the catalogue is not understood")
}

/** Row security runs its expressions on every row. */
export const judgePolicies = (context: Context, relation: Relation, only: boolean): void => {
  if (relation.policies.length === 0) return
  const columns = baseColumns(context, relation, only)
  const scope: Scope = { ...emptyScope, entries: [{ name: relation.name, columns, named: true, bare: true }] }
  for (const text of relation.policies) value(within(context, []), expressionOf(text), scope, "predicate")
}

const viewColumns = (context: Context, relation: Relation): ReadonlyArray<Column> => {
  const [columns, eager] = definedColumns(context, relation)
  context.footprint.useAll(eager)
  return columns.map((column, index) => {
    const name = relation.columns[index]?.name ?? column.name
    const own = refTo(relation, name, [])
    return {
      ...column,
      name,
      ...typeOf(relation.columns[index]),
      via: [...column.via ?? [], own],
      origin: readAs(column.origin, own)
    }
  })
}

/** What a view's column comes from, covered by the view's own selectors too. */
const readAs = ({ how, sources }: Origin, own: ColumnRef): Origin => {
  if (sources.length === 0) return { how: "derived", sources: [own] }
  return { how, sources: sources.map((source): Source => ({ ...source, as: [...source.as ?? [], own] })) }
}

const typeOf = (column: RelationColumn | undefined) => column === undefined ? {} : { type: column.type }

/**
 * A materialised view holds rows of its own. A column that copies a base column is that column, kept elsewhere; one
 * that was computed is its own, and carries what it was computed from.
 */
const materialisedColumns = (context: Context, relation: Relation): ReadonlyArray<Column> => {
  const [columns, eager] = definedColumns(context, relation)
  const tables = [
    ...new Set([...columns.flatMap((column) => column.origin.sources), ...eager].map(({ table }) => table))
  ]
  context.footprint.readWithin(relation, tables)
  return columns.map((column, index) => {
    const name = relation.columns[index]?.name ?? column.name
    const own = refTo(relation, name, tables)
    const copied = column.origin.how === "copy" ? column.origin.sources[0] : undefined
    return {
      name,
      ...typeOf(relation.columns[index]),
      via: [own],
      origin: copied === undefined
        ? { how: "derived", sources: [own, ...column.origin.sources] }
        : readAs(column.origin, refTo(relation, name, []))
    }
  })
}

/**
 * What a view's query shows, and what it uses to find its rows. A column's own computing waits until it is referred
 * to.
 */
const definedColumns = (
  context: Context,
  relation: Relation
): readonly [ReadonlyArray<Column>, ReadonlyArray<ColumnUse>] => {
  const definition = relation.definition ?? unresolved("a view whose definition is not known is not understood")
  const query = queryOf(definition)
  const inside = within(context, definition.path)
  const [columns, uses] = context.footprint.aside(() => selectColumns(inside, query, emptyScope))
  if (relation.columns.length > 0 && columns.length !== relation.columns.length) {
    return unresolved("a view whose columns do not match its definition is not understood")
  }
  const lazy = Map.groupBy(uses.filter(({ use }) => use === "transform"), ({ column, table }) => `${table}\0${column}`)
  const computed = columns.map((column) => withTrail(column, lazy))
  return [computed, uses.filter(({ use }) => use !== "transform")]
}

/** A computed column entails the transforms of its sources. */
const withTrail = (column: Column, lazy: ReadonlyMap<string, ReadonlyArray<ColumnUse>>): Column => {
  if (column.origin.how === "copy") return column
  const names = new Set(column.origin.sources.map((source) => `${source.table}\0${source.column}`))
  spend(names.size)
  const mine = [...names].flatMap((name) => lazy.get(name) ?? [])
  return mine.length === 0 ? column : { ...column, trail: [...column.trail ?? [], ...mine] }
}

const queryOf = (definition: Definition): Body => {
  if (definition.tree !== undefined) {
    const tag = tagOf(definition.tree)
    return tag === "SelectStmt" ? definition.tree[tag]! : unresolved("a view's definition is not understood")
  }
  const [statement, more] = parseDefinition(definition.text ?? "")
  if (statement?.tag !== "SelectStmt" || more !== undefined) return unresolved("a view's definition is not understood")
  return statement.body
}
