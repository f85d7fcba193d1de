import { type Body, type Node, stringsOf } from "../parse/tree.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"
import { alterTable, drop, rename } from "./apply-changes.ts"
import { createForeignTable, createRelation, createTable } from "./apply-relations.ts"
import { createRoutine } from "./apply-routines.ts"
import type { Draft } from "./draft.ts"
import { canonicalName, type Relation, type Routine, type Snapshot, type UserType } from "./snapshot.ts"
import { typeSpelling } from "./type-name.ts"

/** What the columns of a query are called and typed, for CREATE VIEW and CREATE TABLE AS. */
export type QueryColumns = (
  snapshot: Snapshot,
  query: Node
) => ReadonlyArray<{ readonly name: string; readonly type?: string }>

/** Statements that define nothing that names could mean. */
const silent = new Set([
  "AlterDefaultPrivilegesStmt",
  "AlterOwnerStmt",
  "AlterRoleStmt",
  "AlterSeqStmt",
  "AlterStatsStmt",
  "AlterPublicationStmt",
  "ClosePortalStmt",
  "CommentStmt",
  "CreateEventTrigStmt",
  "CreatePublicationStmt",
  "CreateRoleStmt",
  "CreateStatsStmt",
  "DeleteStmt",
  "GrantRoleStmt",
  "GrantStmt",
  "InsertStmt",
  "RefreshMatViewStmt",
  "SelectStmt",
  "TransactionStmt",
  "UpdateStmt",
  "VacuumStmt",
  "VariableShowStmt"
])

/** Applies one definition to a draft. Throws `Unresolved` where it cannot say what names mean after it. */
export const apply = (draft: Draft, tag: string, body: Body, columnsOf: QueryColumns): void => {
  if (silent.has(tag) && body["intoClause"] === undefined) return
  switch (tag) {
    case "SelectStmt": {
      const { intoClause, ...query } = body
      return createRelation(draft, intoClause["rel"], "table", { SelectStmt: query }, [], columnsOf)
    }
    case "CreateSchemaStmt":
      return createSchema(draft, body)
    case "CreateStmt":
      return createTable(draft, body)
    case "CreateForeignTableStmt":
      return createForeignTable(draft, body)
    case "ViewStmt":
      return createRelation(draft, body["view"], "view", body["query"], stringsOf(body["aliases"]), columnsOf)
    case "CreateTableAsStmt": {
      const kind = body["objtype"] === "OBJECT_MATVIEW" ? "materialised" : "table"
      const into = body["into"] as Body
      return createRelation(draft, into["rel"], kind, body["query"], stringsOf(into["colNames"]), columnsOf)
    }
    case "CreateFunctionStmt":
      return createRoutine(draft, body)
    case "AlterTableStmt":
      return alterTable(draft, body)
    case "RenameStmt":
      return rename(draft, body)
    case "DropStmt":
      return drop(draft, body)
    case "VariableSetStmt":
      return setPath(draft, body)
    default:
      return applyOther(draft, tag, body)
  }
}

const applyOther = (draft: Draft, tag: string, body: Body): void => {
  switch (tag) {
    case "IndexStmt":
    case "CreateExtensionStmt":
    case "AlterExtensionStmt":
    case "AlterEnumStmt":
      return
    case "CreateSeqStmt":
      return putSequence(draft, body["sequence"])
    case "CreateEnumStmt":
      return putType(draft, stringsOf(body["typeName"]), { kind: "enum", labels: stringsOf(body["vals"]) })
    case "CreateRangeStmt":
      return putType(draft, stringsOf(body["typeName"]), { kind: "range" })
    case "CompositeTypeStmt":
      return putComposite(draft, body)
    case "CreateDomainStmt":
      return putDomain(draft, body)
    case "CreateTrigStmt":
      return onRelation(draft, body["relation"], (relation) => ({
        ...relation,
        triggers: [...relation.triggers, {
          events: eventsOf(body["events"] as number),
          routine: routineName(draft, stringsOf(body["funcname"]))
        }]
      }))
    case "RuleStmt":
      return onRelation(draft, body["relation"], (relation) => ({
        ...relation,
        rules: [...relation.rules, String(body["event"]).replace("CMD_", "").toLowerCase()]
      }))
    case "CreateForeignServerStmt":
      draft.servers.set(body["servername"], serverAddress(body["options"]))
      return
    case "CreateFdwStmt":
    case "CreateUserMappingStmt":
      return
    case "CreateCastStmt":
      draft.casts.push({
        source: typeSpelling(draft, body["sourcetype"]),
        target: typeSpelling(draft, body["targettype"]),
        ...(body["func"] === undefined ? {} : { routine: routineName(draft, stringsOf(body["func"]["objname"])) }),
        implicit: body["context"] === "COERCION_IMPLICIT"
      })
      return
    case "DefineStmt":
      return putOperator(draft, body)
    default:
      return notUnderstood(tag)
  }
}

const createSchema = (draft: Draft, body: Body): void => {
  if (body["schemaElts"] !== undefined) return notUnderstood("CREATE SCHEMA with elements")
  const name = body["schemaname"] as string | undefined ?? body["authrole"]?.["rolename"] as string | undefined
  draft.schemas.add(name ?? unresolved("a schema without a name is not understood"))
}

/** SET search_path, as a dump or a script has it. Other settings say nothing about names. */
const setPath = (draft: Draft, body: Body): void => {
  if (body["name"] !== "search_path" || body["kind"] !== "VAR_SET_VALUE") return
  const names = (body["args"] as ReadonlyArray<Node>).map((node) => node["A_Const"]?.["sval"]?.["sval"] as string ?? "")
  draft.path = names.filter((name) => name !== "" && name !== "$user" && name !== "pg_temp")
}

/** The schema in which a new thing without a schema comes to be. */
export const homeOf = (draft: Draft, schema: string | undefined, temporary = false): string => {
  if (temporary) return "pg_temp"
  const first = schema ?? draft.path.find((candidate) => draft.schemas.has(candidate))
  return first ?? unresolved("a new name without a schema to be in is not understood")
}

const putType = (draft: Draft, names: ReadonlyArray<string>, type: Pick<UserType, "kind" | "labels">): void =>
  draft.putType({ schema: homeOf(draft, names.length > 1 ? names[0] : undefined), name: names.at(-1)!, ...type })

const putSequence = (draft: Draft, range: Body): void =>
  draft.putRelation({
    schema: homeOf(draft, range["schemaname"], range["relpersistence"] === "t"),
    name: range["relname"],
    kind: "sequence",
    columns: [["last_value", "bigint"], ["log_cnt", "bigint"], ["is_called", "boolean"]].map(([name, type]) => ({
      name: name!,
      type: type!
    })),
    parents: [],
    triggers: [],
    rules: [],
    policies: []
  })

const putComposite = (draft: Draft, body: Body): void => {
  const range = body["typevar"] as Body
  const schema = homeOf(draft, range["schemaname"])
  const name = range["relname"] as string
  const columns = (body["coldeflist"] as ReadonlyArray<Node> ?? []).map((node) => ({
    name: node["ColumnDef"]!["colname"] as string,
    type: typeSpelling(draft, node["ColumnDef"]!["typeName"])
  }))
  draft.putType({ schema, name, kind: "composite" })
  draft.putRelation({ schema, name, kind: "composite", columns, parents: [], triggers: [], rules: [], policies: [] })
}

const putDomain = (draft: Draft, body: Body): void => {
  const names = stringsOf(body["domainname"])
  const checks = (body["constraints"] as ReadonlyArray<Node> ?? []).filter((node) =>
    node["Constraint"]?.["contype"] === "CONSTR_CHECK"
  )
  draft.putType({
    schema: homeOf(draft, names.length > 1 ? names[0] : undefined),
    name: names.at(-1)!,
    kind: "domain",
    base: typeSpelling(draft, body["typeName"]),
    checks: checks.map((node) => node["Constraint"]!["raw_expr"] as Node)
  })
}

/** Changes the relation that a RangeVar names. */
export const onRelation = (
  draft: Draft,
  range: Body,
  change: (relation: Relation) => Relation
): void => {
  draft.putRelation(change(relationIn(draft, range["schemaname"], range["relname"])))
}

export const relationIn = (draft: Draft, schema: string | undefined, name: string): Relation => {
  for (const candidate of schema === undefined ? [...draft.path, "pg_temp"] : [schema]) {
    const found = draft.relations.get(canonicalName(candidate, name))
    if (found !== undefined) return found
  }
  return unresolved("a relation that is not known is not understood")
}

/** Canonical name of the function that a name means here, built in or declared before. */
const routineName = (draft: Draft, names: ReadonlyArray<string>): string => {
  if (names.length > 1) return canonicalName(names[0]!, names[1]!)
  for (const schema of draft.path) {
    const candidate = canonicalName(schema, names[0]!)
    if (draft.routines.has(candidate)) return candidate
  }
  return canonicalName("pg_catalog", names[0]!)
}

/** Bits of CreateTrigStmt.events (catalog/pg_trigger.h). */
const eventsOf = (bits: number): ReadonlyArray<string> =>
  ([["insert", 4], ["delete", 8], ["update", 16], ["truncate", 32]] as const).flatMap(([name, bit]) =>
    (bits & bit) !== 0 ? [name] : []
  )

const serverAddress = (options: ReadonlyArray<Node> | undefined): string | undefined => {
  const of = (name: string): string | undefined =>
    options?.map((node) => node["DefElem"]!).find((one) => one["defname"] === name)?.["arg"]?.["String"]?.["sval"]
  const host = of("host")
  return host === undefined ? undefined : `${host}:${of("port") ?? "5432"}`
}

const putOperator = (draft: Draft, body: Body): void => {
  const names = stringsOf(body["defnames"])
  if (body["kind"] === "OBJECT_AGGREGATE") {
    const routine: Routine = {
      schema: homeOf(draft, names.length > 1 ? names[0] : undefined),
      name: names.at(-1)!,
      kind: "aggregate",
      language: "internal",
      volatility: "volatile",
      argumentsMin: 0,
      argumentsMax: -1,
      argumentNames: [],
      returns: "unknown",
      set: false
    }
    return draft.putRoutine(routine)
  }
  if (body["kind"] !== "OBJECT_OPERATOR") return
  const named = (body["definition"] as ReadonlyArray<Node> ?? []).map((node) => node["DefElem"]!)
    .find((one) => one["defname"] === "function" || one["defname"] === "procedure")
  draft.putOperator({
    schema: homeOf(draft, names.length > 1 ? names[0] : undefined),
    name: names.at(-1)!,
    routine: routineName(draft, stringsOf(named?.["arg"]?.["TypeName"]?.["names"]))
  })
}
