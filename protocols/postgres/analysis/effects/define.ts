import { findRelation } from "../catalogue/lookup.ts"
import { type Body, type Node, stringsOf } from "../parse/tree.ts"
import { unresolved } from "../unresolved.ts"
import type { Context } from "../resolve/context.ts"
import { relationNamed } from "../resolve/from.ts"
import { judgeCode } from "../resolve/code.ts"
import { type Column, emptyScope } from "../resolve/scope.ts"
import { createFrom, newName } from "./examine-statement.ts"

/** Statements that define things, and the word for what they write where it is no relation. */
const definitions: Readonly<Record<string, string>> = {
  AlterCollationStmt: "collations",
  AlterDomainStmt: "types",
  AlterEnumStmt: "types",
  AlterEventTrigStmt: "triggers",
  AlterExtensionContentsStmt: "extensions",
  AlterExtensionStmt: "extensions",
  AlterFunctionStmt: "functions",
  AlterObjectDependsStmt: "definitions",
  AlterObjectSchemaStmt: "definitions",
  AlterOpFamilyStmt: "operators",
  AlterOperatorStmt: "operators",
  AlterOwnerStmt: "privileges",
  AlterPolicyStmt: "policies",
  AlterPublicationStmt: "publications",
  AlterSeqStmt: "sequences",
  AlterStatsStmt: "statistics",
  AlterTSConfigurationStmt: "text_search",
  AlterTSDictionaryStmt: "text_search",
  AlterTableMoveAllStmt: "storage",
  AlterTypeStmt: "types",
  CommentStmt: "comments",
  CompositeTypeStmt: "types",
  CreateAmStmt: "access_methods",
  CreateCastStmt: "casts",
  CreateConversionStmt: "conversions",
  CreateDomainStmt: "types",
  CreateEnumStmt: "types",
  CreateEventTrigStmt: "triggers",
  CreateExtensionStmt: "extensions",
  CreateFunctionStmt: "functions",
  CreateOpClassStmt: "operators",
  CreateOpFamilyStmt: "operators",
  CreatePLangStmt: "languages",
  CreatePublicationStmt: "publications",
  CreateRangeStmt: "types",
  CreateSchemaStmt: "schemas",
  CreateSeqStmt: "sequences",
  CreateStatsStmt: "statistics",
  CreateTransformStmt: "casts",
  DefineStmt: "definitions",
  DropStmt: "definitions",
  RenameStmt: "definitions"
}

/** Those that are about one relation, and the field that names it. */
const onRelation: Readonly<Record<string, string>> = {
  AlterTableStmt: "relation",
  CreatePolicyStmt: "table",
  CreateTrigStmt: "relation",
  IndexStmt: "relation",
  RefreshMatViewStmt: "relation",
  RuleStmt: "relation"
}

const creating = new Set(["CreateStmt", "CreateForeignTableStmt", "CreateTableAsStmt", "ViewStmt"])

export const isDefinition = (tag: string): boolean => tag in definitions || tag in onRelation || creating.has(tag)

/** Definitions whose functions run later, in statements that do not name them. */
const runsUnseen: Readonly<Record<string, string>> = {
  AlterEventTrigStmt: "an event trigger runs code with any definition",
  AlterOpFamilyStmt: "an operator family runs code wherever values are compared",
  CreateEventTrigStmt: "an event trigger runs code with any definition",
  CreateOpClassStmt: "an operator class runs code wherever values are compared"
}

/** Notes what a definition changes. What it makes of names is the catalogue's business, once it ran. */
export const define = (context: Context, tag: string, body: Body): ReadonlyArray<Column> | undefined => {
  const { footprint } = context
  footprint.raise("define")
  // What stands in a definition runs at once, over the rows that are there, or whenever rows come.
  if (!isQuery(tag)) judgeCode(context, body)
  if (creating.has(tag)) return create(context, tag, body)
  const field = onRelation[tag]
  if (field !== undefined) {
    const relation = relationNamed(context, body[field])
    footprint.write(relation, [])
    if (tag === "IndexStmt" || tag === "RefreshMatViewStmt" || tag === "AlterTableStmt")
      footprint.write(relation, undefined)
    if (tag === "RuleStmt" && (body["actions"] ?? []).length > 0) {
      return unresolved("what a rule does is not understood")
    }
    return undefined
  }
  const hidden = runsUnseen[tag]
  if (hidden !== undefined) return unresolved(hidden)
  if (tag === "DropStmt") drop(context, body)
  if (tag === "RenameStmt" || tag === "AlterObjectSchemaStmt") moved(context, body)
  footprint.writeOther("server", definitions[tag]!)
  if (tag === "CreateSchemaStmt" && body["schemaElts"] !== undefined) {
    return unresolved("CREATE SCHEMA with elements is not understood")
  }
  return undefined
}

const isQuery = (tag: string): boolean => tag === "ViewStmt" || tag === "CreateTableAsStmt" || tag === "RuleStmt"

/** What has another name, or stands in another schema, is not found under the old one any more. */
const moved = (context: Context, body: Body): void => {
  const { footprint, path, snapshot } = context
  if (body["renameType"] === "OBJECT_SCHEMA") {
    for (const relation of snapshot.relations.values()) {
      if (relation.schema === body["subname"]) footprint.write(relation, [])
    }
    return
  }
  const range = body["relation"] as Body | undefined
  if (range === undefined || body["renameType"] === "OBJECT_INDEX" || body["objectType"] === "OBJECT_INDEX") return
  const isGone = body["missing_ok"] === true
    && findRelation(snapshot, path, range["schemaname"], range["relname"]) === undefined
  if (!isGone) footprint.write(relationNamed(context, range), [])
}

const create = (context: Context, tag: string, body: Body): undefined => {
  const { footprint } = context
  switch (tag) {
    case "ViewStmt":
      createFrom(context, body["view"], body["query"], emptyScope)
      return undefined
    case "CreateTableAsStmt":
      createFrom(context, body["into"]["rel"], body["query"], emptyScope)
      return undefined
    case "CreateForeignTableStmt":
      footprint.raise("move")
      footprint.writeOther("endpoint", context.snapshot.servers.get(body["servername"] as string) ?? "unknown")
      footprint.writeOther("table", newName(context, body["base"]["relation"]))
      return undefined
    default:
      footprint.writeOther("table", newName(context, body["relation"]))
      for (const parent of body["inhRelations"] ?? []) {
        footprint.write(relationNamed(context, (parent as Node)["RangeVar"]!), [], true)
      }
      return undefined
  }
}

const droppedRelations = new Set([
  "OBJECT_TABLE",
  "OBJECT_VIEW",
  "OBJECT_MATVIEW",
  "OBJECT_FOREIGN_TABLE",
  "OBJECT_SEQUENCE"
])

const drop = (context: Context, body: Body): void => {
  if (body["removeType"] === "OBJECT_SCHEMA") {
    const schemas = stringsOf(body["objects"])
    for (const relation of context.snapshot.relations.values()) {
      if (schemas.includes(relation.schema)) context.footprint.write(relation, undefined)
    }
    return
  }
  if (!droppedRelations.has(body["removeType"])) return
  for (const object of body["objects"] as ReadonlyArray<Node>) {
    const names = stringsOf(object["List"]?.["items"])
    const found = findRelation(
      context.snapshot,
      context.path,
      names.length > 1 ? names.at(-2) : undefined,
      names.at(-1)!
    )
    if (found !== undefined) context.footprint.write(found, undefined)
    else if (body["missing_ok"] !== true) unresolved("a relation that is not known is not understood")
  }
}
