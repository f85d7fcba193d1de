import type { Body } from "../parse/tree.ts"

const tags: Readonly<Record<string, string>> = {
  CallStmt: "CALL",
  CheckPointStmt: "CHECKPOINT",
  CommentStmt: "COMMENT",
  CompositeTypeStmt: "CREATE TYPE",
  CopyStmt: "COPY",
  CreateEnumStmt: "CREATE TYPE",
  CreateRangeStmt: "CREATE TYPE",
  CreateFunctionStmt: "CREATE FUNCTION",
  CreateSchemaStmt: "CREATE SCHEMA",
  CreateSeqStmt: "CREATE SEQUENCE",
  CreateStmt: "CREATE TABLE",
  CreateTrigStmt: "CREATE TRIGGER",
  CreateExtensionStmt: "CREATE EXTENSION",
  CreateSubscriptionStmt: "CREATE SUBSCRIPTION",
  CreateRoleStmt: "CREATE ROLE",
  CreatePolicyStmt: "CREATE POLICY",
  ClosePortalStmt: "CLOSE CURSOR",
  ConstraintsSetStmt: "SET CONSTRAINTS",
  DeallocateStmt: "DEALLOCATE",
  DeclareCursorStmt: "DECLARE CURSOR",
  DeleteStmt: "DELETE",
  DiscardStmt: "DISCARD",
  DoStmt: "DO",
  ExecuteStmt: "EXECUTE",
  ExplainStmt: "EXPLAIN",
  IndexStmt: "CREATE INDEX",
  InsertStmt: "INSERT",
  ListenStmt: "LISTEN",
  LockStmt: "LOCK TABLE",
  MergeStmt: "MERGE",
  NotifyStmt: "NOTIFY",
  PrepareStmt: "PREPARE",
  RefreshMatViewStmt: "REFRESH MATERIALIZED VIEW",
  ReindexStmt: "REINDEX",
  RuleStmt: "CREATE RULE",
  SelectStmt: "SELECT",
  TruncateStmt: "TRUNCATE TABLE",
  UnlistenStmt: "UNLISTEN",
  UpdateStmt: "UPDATE",
  VariableShowStmt: "SHOW",
  ViewStmt: "CREATE VIEW"
}

const transactions: Readonly<Record<string, string>> = {
  TRANS_STMT_BEGIN: "BEGIN",
  TRANS_STMT_START: "START TRANSACTION",
  TRANS_STMT_COMMIT: "COMMIT",
  TRANS_STMT_ROLLBACK: "ROLLBACK",
  TRANS_STMT_SAVEPOINT: "SAVEPOINT",
  TRANS_STMT_RELEASE: "RELEASE",
  TRANS_STMT_ROLLBACK_TO: "ROLLBACK"
}

/**
 * A statement's command tag, as PostgreSQL spells it. For definitions of rarer things it is made from the node's name,
 * which reads the same: `AlterTSConfigurationStmt` as `ALTER TS CONFIGURATION`.
 */
export const commandTag = (tag: string, body: Body): string => {
  switch (tag) {
    case "TransactionStmt":
      return transactions[body["kind"] as string] ?? "TRANSACTION"
    case "VariableSetStmt":
      return String(body["kind"]).startsWith("VAR_RESET") ? "RESET" : "SET"
    case "FetchStmt":
      return body["ismove"] === true ? "MOVE" : "FETCH"
    case "SelectStmt":
      return body["intoClause"] === undefined ? "SELECT" : "SELECT INTO"
    case "GrantStmt":
    case "GrantRoleStmt":
      return body["is_grant"] === true ? "GRANT" : "REVOKE"
    case "VacuumStmt":
      return body["is_vacuumcmd"] === true ? "VACUUM" : "ANALYZE"
    case "DefineStmt":
      return `CREATE ${objectWord(body["kind"])}`
    case "DropStmt":
      return `DROP ${objectWord(body["removeType"])}`
    case "AlterTableStmt":
      return `ALTER ${objectWord(body["objtype"])}`
    case "RenameStmt":
      return `ALTER ${objectWord(body["renameType"])}`
    case "CreateTableAsStmt":
      return body["objtype"] === "OBJECT_MATVIEW" ? "CREATE MATERIALIZED VIEW" : "CREATE TABLE AS"
    default:
      return tags[tag] ?? tag.replace(/Stmt$/, "").replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toUpperCase()
  }
}

const objectWord = (object: unknown): string =>
  String(object).replace(/^OBJECT_/, "").replaceAll("_", " ").replace("MATVIEW", "MATERIALIZED VIEW")
