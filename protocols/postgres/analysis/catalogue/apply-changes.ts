import { type Body, type Node, stringsOf } from "../parse/tree.ts"
import { notUnderstood } from "../unresolved.ts"
import { columnOf, putForeignKey } from "./apply-relations.ts"
import { relationIn } from "./apply.ts"
import type { Draft } from "./draft.ts"
import { canonicalName, type Relation } from "./snapshot.ts"
import { columnType } from "./type-name.ts"

/** Commands of ALTER TABLE that change nothing that names could mean. */
const silent = new Set([
  "AT_AddConstraint",
  "AT_AddIdentity",
  "AT_AddIndex",
  "AT_ChangeOwner",
  "AT_ClusterOn",
  "AT_DropConstraint",
  "AT_DropNotNull",
  "AT_ReplaceRelOptions",
  "AT_ReplicaIdentity",
  "AT_SetNotNull",
  "AT_SetOptions",
  "AT_SetRelOptions",
  "AT_SetStatistics",
  "AT_SetStorage",
  "AT_ValidateConstraint",
  "AT_EnableRowSecurity",
  "AT_ForceRowSecurity"
])

export const alterTable = (draft: Draft, body: Body): void => {
  if (body["objtype"] === "OBJECT_INDEX" || body["objtype"] === "OBJECT_SEQUENCE") return
  const range = body["relation"] as Body
  if (body["missing_ok"] === true && !exists(draft, range)) return
  let relation = relationIn(draft, range["schemaname"], range["relname"])
  for (const node of body["cmds"] as ReadonlyArray<Node>) {
    const command = node["AlterTableCmd"]!
    if (command["subtype"] === "AT_AddConstraint") {
      putForeignKey(draft, relation, command["def"]["Constraint"])
      // A key that refers to its own table has changed it.
      relation = relationIn(draft, relation.schema, relation.name)
    }
    if (!silent.has(command["subtype"])) relation = altered(draft, relation, command)
  }
  draft.putRelation(relation)
}

const exists = (draft: Draft, range: Body): boolean => {
  try {
    relationIn(draft, range["schemaname"], range["relname"])
    return true
  } catch {
    return false
  }
}

const altered = (draft: Draft, relation: Relation, command: Body): Relation => {
  const name = command["name"] as string
  const change = (with_: (column: Relation["columns"][number]) => Relation["columns"][number]): Relation => ({
    ...relation,
    columns: relation.columns.map((column) => column.name === name ? with_(column) : column)
  })
  switch (command["subtype"]) {
    case "AT_AddColumn": {
      const column = columnOf(draft, command["def"]["ColumnDef"])
      const known = relation.columns.some((other) => other.name === column.name)
      return known ? relation : { ...relation, columns: [...relation.columns, column] }
    }
    case "AT_DropColumn":
      return { ...relation, columns: relation.columns.filter((column) => column.name !== name) }
    case "AT_AlterColumnType":
      return change(({ exact: _exact, ...column }) => ({
        ...column,
        ...columnType(draft, command["def"]["ColumnDef"]["typeName"])
      }))
    case "AT_ColumnDefault": {
      const given = command["def"] as Node | undefined
      return change(({ default: _default, ...column }) => given === undefined ? column : { ...column, default: given })
    }
    case "AT_AttachPartition": {
      const range = command["def"]["PartitionCmd"]["name"] as Body
      const child = relationIn(draft, range["schemaname"], range["relname"])
      draft.putRelation({ ...child, parents: [...child.parents, canonicalName(relation.schema, relation.name)] })
      return relation
    }
    case "AT_AddInherit": {
      const range = command["def"]["RangeVar"] as Body
      const parent = relationIn(draft, range["schemaname"], range["relname"])
      return { ...relation, parents: [...relation.parents, canonicalName(parent.schema, parent.name)] }
    }
    default:
      return notUnderstood(`ALTER TABLE ${command["subtype"]}`)
  }
}

/** ALTER … RENAME, of relations and their columns. */
export const rename = (draft: Draft, body: Body): void => {
  const range = body["relation"] as Body | undefined
  if (range === undefined) return notUnderstood("a rename of something that is no relation")
  const relation = relationIn(draft, range["schemaname"], range["relname"])
  const old = canonicalName(relation.schema, relation.name)
  if (body["renameType"] === "OBJECT_COLUMN" && relation.kind !== "view" && relation.parents.length === 0) {
    draft.putRelation({
      ...relation,
      columns: relation.columns.map((column) =>
        column.name === body["subname"] ? { ...column, name: body["newname"] as string } : column
      )
    })
    return
  }
  if (body["renameType"] !== "OBJECT_TABLE") return notUnderstood("a rename of this form")
  draft.relations.delete(old)
  const renamed = { ...relation, name: body["newname"] as string }
  draft.putRelation(renamed)
  const name = canonicalName(renamed.schema, renamed.name)
  const others = Array.from(draft.relations.values())
  for (const other of others) {
    if (!other.parents.includes(old)) continue
    draft.putRelation({ ...other, parents: other.parents.map((parent) => parent === old ? name : parent) })
  }
}

const relations = new Set(["OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE", "OBJECT_FOREIGN_TABLE"])
const harmless = new Set(["OBJECT_INDEX", "OBJECT_EXTENSION", "OBJECT_STATISTIC_EXT", "OBJECT_PUBLICATION"])

/** DROP of relations. Other things are kept: a name that no longer means anything fails upstream. */
export const drop = (draft: Draft, body: Body): void => {
  if (harmless.has(body["removeType"])) return
  if (body["removeType"] === "OBJECT_SCHEMA") return dropSchemas(draft, stringsOf(body["objects"]))
  if (!relations.has(body["removeType"])) {
    // A function or type that stays known is still judged as it was; shadowing is judged with every overload.
    return
  }
  for (const object of body["objects"] as ReadonlyArray<Node>) {
    const names = stringsOf(object["List"]?.["items"])
    const schema = names.length > 1 ? names.at(-2) : undefined
    for (const candidate of schema === undefined ? [...draft.path, "pg_temp"] : [schema]) {
      if (draft.relations.delete(canonicalName(candidate, names.at(-1)!))) break
    }
  }
}

/** What was in a schema is gone with it, so that a name may now mean something further along the path. */
const dropSchemas = (draft: Draft, schemas: ReadonlyArray<string>): void => {
  for (const schema of schemas) draft.schemas.delete(schema)
  for (const [name, relation] of Array.from(draft.relations)) {
    if (schemas.includes(relation.schema)) draft.relations.delete(name)
  }
}
