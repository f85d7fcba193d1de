import { type Body, type Node, stringsOf } from "../parse/tree.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"
import { homeOf, type QueryColumns, relationIn } from "./apply.ts"
import { cascade } from "./cascade.ts"
import type { Draft } from "./draft.ts"
import { canonicalName, type Relation, type RelationColumn, type RelationKind } from "./snapshot.ts"
import { columnType, isSerial } from "./type-name.ts"

export const createTable = (draft: Draft, body: Body): void => {
  const relation = tableOf(draft, body)
  const known = draft.relations.has(canonicalName(relation.schema, relation.name))
  if (known && body["if_not_exists"] === true) return
  draft.putRelation(relation)
  for (const item of (body["tableElts"] ?? []) as ReadonlyArray<Node>) {
    const own = item["Constraint"]
    const constraints = own === undefined ? item["ColumnDef"]?.["constraints"] as ReadonlyArray<Node> ?? [] : [item]
    for (const node of constraints) putForeignKey(draft, relation, node["Constraint"]!)
  }
}

/** A foreign key that carries changes on is noted at the relation that it refers to. */
export const putForeignKey = (draft: Draft, relation: Relation, constraint: Body): void => {
  if (constraint["contype"] !== "CONSTR_FOREIGN") return
  const range = constraint["pktable"] as Body
  const target = relationIn(draft, range["schemaname"], range["relname"])
  const name = canonicalName(relation.schema, relation.name)
  const cascades = [
    ...cascade("delete", constraint["fk_del_action"] ?? "a", name),
    ...cascade("update", constraint["fk_upd_action"] ?? "a", name)
  ]
  if (cascades.length > 0) draft.putRelation({ ...target, cascades: [...target.cascades ?? [], ...cascades] })
}

export const createForeignTable = (draft: Draft, body: Body): void =>
  draft.putRelation({ ...tableOf(draft, body["base"]), kind: "foreign", server: body["servername"] })

const tableOf = (draft: Draft, body: Body): Relation => {
  const range = body["relation"] as Body
  const temporary = range["relpersistence"] === "t"
  if (body["ofTypename"] !== undefined) return notUnderstood("CREATE TABLE OF")
  const parents = ((body["inhRelations"] ?? []) as ReadonlyArray<Node>).map((node) =>
    relationIn(draft, node["RangeVar"]!["schemaname"], node["RangeVar"]!["relname"])
  )
  const columns = new Map<string, RelationColumn>()
  for (const parent of parents) for (const column of parent.columns) columns.set(column.name, column)
  for (const item of (body["tableElts"] ?? []) as ReadonlyArray<Node>) {
    for (const column of elementColumns(draft, item)) columns.set(column.name, column)
  }
  return {
    schema: homeOf(draft, range["schemaname"], temporary),
    name: range["relname"],
    kind: body["partspec"] === undefined ? "table" : "partitioned",
    partitionedBy: partitionKey(body["partspec"], [...columns.keys()]),
    columns: [...columns.values()],
    parents: parents.map((parent) => canonicalName(parent.schema, parent.name)),
    key: primaryKey((body["tableElts"] ?? []) as ReadonlyArray<Node>),
    triggers: [],
    rules: [],
    policies: [],
    ...(temporary ? { temporary } : {})
  }
}

/** Where a key computes with columns, it may be any. */
const partitionKey = (spec: Body | undefined, columns: ReadonlyArray<string>): ReadonlyArray<string> => {
  const parts = ((spec?.["partParams"] ?? []) as ReadonlyArray<Node>).map((node) => node["PartitionElem"]?.["name"])
  return parts.includes(undefined) ? columns : parts as ReadonlyArray<string>
}

/** The columns of the primary key that stands among a table's elements. */
const primaryKey = (elements: ReadonlyArray<Node>): ReadonlyArray<string> => {
  const isKey = (node: Node): boolean =>
    node["Constraint"]?.["contype"] === "CONSTR_PRIMARY" && node["Constraint"]["deferrable"] !== true
  for (const item of elements) {
    if (isKey(item)) return stringsOf(item["Constraint"]!["keys"])
    const constraints = (item["ColumnDef"]?.["constraints"] ?? []) as ReadonlyArray<Node>
    if (constraints.some(isKey)) return [item["ColumnDef"]!["colname"] as string]
  }
  return []
}

const elementColumns = (draft: Draft, item: Node): ReadonlyArray<RelationColumn> => {
  const column = item["ColumnDef"]
  if (column !== undefined) return [columnOf(draft, column)]
  const like = item["TableLikeClause"]
  if (like === undefined) return []
  const source = relationIn(draft, like["relation"]["schemaname"], like["relation"]["relname"])
  return source.columns.map(({ name, type }) => ({ name, type }))
}

export const columnOf = (draft: Draft, definition: Body): RelationColumn => {
  // A partition's element may repeat a column without its type: its parent has it.
  const typeName = definition["typeName"] as Body | undefined
  const constraints = ((definition["constraints"] ?? []) as ReadonlyArray<Node>).map((node) => node["Constraint"]!)
  const generated = constraints.find((one) => one["contype"] === "CONSTR_GENERATED")
  const given = constraints.find((one) => one["contype"] === "CONSTR_DEFAULT")
  return {
    name: definition["colname"],
    ...typeName === undefined
      ? unresolved("a column without a type is not understood")
      : columnType(draft, typeName),
    ...(generated === undefined ? {} : { generated: generated["raw_expr"] as Node }),
    ...(typeName !== undefined && !isSerial(typeName) && given !== undefined
      ? { default: given["raw_expr"] as Node }
      : {})
  }
}

/** A view, or a table that a query fills. */
export const createRelation = (
  draft: Draft,
  range: Body,
  kind: RelationKind,
  query: Node,
  aliases: ReadonlyArray<string>,
  columnsOf: QueryColumns
): void => {
  const shown = columnsOf(draft.seal(), query)
  draft.putRelation({
    schema: homeOf(draft, range["schemaname"], range["relpersistence"] === "t"),
    name: range["relname"],
    kind,
    columns: shown.map(({ name, type }, index) => ({ name: aliases[index] ?? name, type: type ?? "unknown" })),
    parents: [],
    triggers: [],
    rules: [],
    policies: [],
    ...(kind === "table" ? {} : { definition: { tree: query, path: draft.path } }),
    ...(range["relpersistence"] === "t" ? { temporary: true } : {})
  })
}
