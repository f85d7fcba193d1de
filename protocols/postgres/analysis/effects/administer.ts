import type { OperationKind } from "../../../../core/family/index.ts"
import { type Body, literalOf, type Node, stringsOf } from "../parse/tree.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"
import type { Context } from "../resolve/context.ts"
import { relationNamed } from "../resolve/from.ts"
import { callOf, candidatesOf, functionCall } from "../resolve/routines.ts"
import { type Column, emptyScope } from "../resolve/scope.ts"
import { endpointOf } from "./endpoint.ts"
import { judgeWrite } from "./write-target.ts"

/** Statements that administer, or move data: their kind, what they touch, and whether that is all. */
const gross: Readonly<Record<string, readonly [kind: OperationKind, writes: string, reason?: string]>> = {
  AlterDatabaseRefreshCollStmt: ["admin", "settings"],
  AlterDatabaseSetStmt: ["admin", "settings", "ALTER DATABASE SET changes what statements mean"],
  AlterDatabaseStmt: ["admin", "databases"],
  AlterDefaultPrivilegesStmt: ["admin", "privileges"],
  AlterRoleSetStmt: ["admin", "settings", "ALTER ROLE SET changes what statements mean"],
  AlterRoleStmt: ["admin", "roles"],
  AlterSystemStmt: ["admin", "settings", "ALTER SYSTEM changes the server's settings"],
  CheckPointStmt: ["admin", "backends"],
  CreateRoleStmt: ["admin", "roles"],
  CreatedbStmt: ["admin", "databases"],
  CreateTableSpaceStmt: ["admin", "files", "CREATE TABLESPACE reaches the server's files"],
  DropdbStmt: ["admin", "databases"],
  DropOwnedStmt: ["admin", "privileges", "DROP OWNED drops whatever a role owns"],
  DropRoleStmt: ["admin", "roles"],
  DropTableSpaceStmt: ["admin", "files"],
  GrantRoleStmt: ["admin", "privileges"],
  GrantStmt: ["admin", "privileges"],
  LoadStmt: ["admin", "files", "LOAD runs a library of the server's"],
  ReassignOwnedStmt: ["admin", "privileges"],
  ReindexStmt: ["admin", "indexes"],
  SecLabelStmt: ["admin", "privileges", "a security label may carry data"]
}

/** Whatever is neither data nor definition: by name, or not at all. */
export const administer = (context: Context, tag: string, body: Body): ReadonlyArray<Column> | undefined => {
  const { footprint } = context
  const known = gross[tag]
  if (known !== undefined) {
    const [kind, writes, reason] = known
    footprint.raise(kind)
    footprint.writeOther("server", writes)
    return reason === undefined ? undefined : unresolved(reason)
  }
  switch (tag) {
    case "TruncateStmt":
      footprint.raise("write")
      for (const node of body["relations"] as ReadonlyArray<Node>) truncate(context, node["RangeVar"]!)
      return body["behavior"] === "DROP_CASCADE" ? unresolved("TRUNCATE CASCADE reaches other tables") : undefined
    case "LockStmt":
      lock(context, body)
      return undefined
    case "VacuumStmt":
    case "ClusterStmt":
      footprint.raise("admin")
      return maintained(context, tag, body)
    case "CallStmt":
      footprint.raise("execute")
      return call(context, body)
    case "CreateSubscriptionStmt":
    case "AlterSubscriptionStmt":
    case "DropSubscriptionStmt":
      footprint.raise("move")
      footprint.writeOther("endpoint", endpointOf([body["conninfo"] as string | undefined]))
      return tag === "CreateSubscriptionStmt" ? undefined : unresolved("a subscription is not followed")
    case "CreateForeignServerStmt":
    case "AlterForeignServerStmt":
      footprint.raise("move")
      footprint.writeOther("endpoint", serverEndpoint(body["options"]))
      return undefined
    case "ImportForeignSchemaStmt":
    case "CreateUserMappingStmt":
    case "AlterUserMappingStmt":
    case "DropUserMappingStmt":
    case "CreateFdwStmt":
    case "AlterFdwStmt":
      footprint.raise("move")
      footprint.writeOther("endpoint", "unknown")
      return unresolved("a foreign server's definition is not followed")
    default:
      footprint.raise("unknown")
      return notUnderstood(tag)
  }
}

/** Of the modes (lockdefs.h), the first is what every query takes, and holds up definitions only. */
const accessShare = 1

const lock = (context: Context, body: Body): void => {
  const { footprint } = context
  const reads = body["mode"] === accessShare
  footprint.raise(reads ? "read" : "admin")
  for (const node of body["relations"] as ReadonlyArray<Node>) {
    const relation = relationNamed(context, node["RangeVar"]!)
    if (reads) footprint.read(relation)
    else footprint.write(relation, [])
  }
}

const truncate = (context: Context, range: Body): void =>
  judgeWrite(context, relationNamed(context, range), "truncate", undefined, range["inh"] !== true)

/** VACUUM, ANALYZE and CLUSTER touch whole tables and show nothing. */
const maintained = (context: Context, tag: string, body: Body): undefined => {
  const ranges = tag === "ClusterStmt"
    ? body["relation"] === undefined ? [] : [body["relation"] as Body]
    : (body["rels"] as ReadonlyArray<Node> ?? []).map((node) => node["VacuumRelation"]!["relation"] as Body)
  if (ranges.length === 0) context.footprint.writeOther("server", "storage")
  for (const range of ranges) context.footprint.write(relationNamed(context, range), [])
  return undefined
}

const call = (context: Context, body: Body): undefined => {
  const node = body["funccall"] as Body
  const found = candidatesOf(context, callOf(node), node)
  if (found.builtIns.length + found.routines.length === 0)
    return unresolved("a procedure that is not known is not understood")
  functionCall(context, node, emptyScope, "write")
  return undefined
}

/** `host:port` of a foreign server's options. */
export const serverEndpoint = (options: ReadonlyArray<Node> | undefined): string => {
  const found = new Map<string, string | undefined>()
  for (const node of options ?? []) {
    const option = node["DefElem"]!
    found.set(option["defname"] as string, stringsOf([option["arg"]])[0] ?? literalOf(option["arg"]))
  }
  const host = found.get("host")
  return host === undefined || host === "" ? "unknown" : `${host}:${found.get("port") ?? "5432"}`
}
