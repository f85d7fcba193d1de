import { type Body, literalOf, type Node, tagOf } from "../parse/tree.ts"
import { unresolved } from "../unresolved.ts"
import type { Context } from "../resolve/context.ts"

const words = (text: string): ReadonlyArray<string> => text.split(/\s+/).filter((word) => word !== "")

/**
 * Settings that change neither what a statement means nor what it may do: how values are shown, how long things take.
 */
const harmless = new Set(words(`
  bytea_output client_min_messages commit_delay constraint_exclusion cpu_index_tuple_cost
  cpu_operator_cost cpu_tuple_cost cursor_tuple_fraction datestyle deadlock_timeout default_statistics_target
  default_transaction_deferrable default_transaction_isolation default_transaction_read_only effective_cache_size
  effective_io_concurrency enable_bitmapscan enable_gathermerge enable_hashagg enable_hashjoin
  enable_incremental_sort enable_indexonlyscan enable_indexscan enable_material enable_memoize enable_mergejoin
  enable_nestloop enable_parallel_append enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate
  enable_partitionwise_join enable_seqscan enable_sort enable_tidscan extra_float_digits from_collapse_limit geqo
  hash_mem_multiplier idle_in_transaction_session_timeout idle_session_timeout intervalstyle jit join_collapse_limit
  lc_monetary lc_numeric lc_time lock_timeout maintenance_work_mem max_parallel_workers_per_gather
  parallel_leader_participation parallel_setup_cost parallel_tuple_cost plan_cache_mode random_page_cost
  seq_page_cost statement_timeout synchronous_commit tcp_keepalives_idle tcp_keepalives_interval temp_buffers timezone
  transaction_deferrable transaction_isolation transaction_read_only transaction_timeout work_mem xmlbinary
  escape_string_warning default_text_search_config check_function_bodies`))

/** Whether a setting may be set by anyone. Names are compared as PostgreSQL does: ASCII, in any case. */
export const isHarmlessSetting = (name: string): boolean => harmless.has(name.toLowerCase())

/** Settings with one value that may be set, as drivers and dumps do, because it is the one that is pinned. */
const pinned: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["standard_conforming_strings", new Set(["on", "true", "1", "yes"])],
  ["client_encoding", new Set(["utf8", "utf-8", "unicode"])],
  ["transform_null_equals", new Set(["off", "false", "0", "no"])],
  ["row_security", new Set(["on", "true", "1", "yes"])],
  ["names", new Set(["utf8"])]
])

const changesMeaning = (context: Context, name: string): never => {
  context.footprint.raise("admin")
  context.footprint.writeOther("server", "settings")
  // The name is quoted only if it is one that we know: else it is the caller's own text.
  if (name.toLowerCase() === "application_name") {
    return unresolved("SET of application_name: the gateway says there who is calling")
  }
  const known = meaningful.has(name.toLowerCase()) ? name.toLowerCase() : "this setting"
  return unresolved(`SET of ${known} changes what statements mean or may do`)
}

const meaningful = new Set(words(`
  search_path role session_authorization standard_conforming_strings client_encoding transform_null_equals
  row_security session_replication_role default_tablespace default_table_access_method temp_tablespaces
  backslash_quote array_nulls quote_all_identifiers xmloption lo_compat_privileges local_preload_libraries
  dynamic_library_path default_with_oids event_triggers createrole_self_grant restrict_nonsystem_relation_kind`))

/** SET, RESET, SET TRANSACTION (VariableSetStmt). RESET returns to what is pinned, so it is always harmless. */
export const judgeSet = (context: Context, body: Body): void => {
  const name = body["name"] as string | undefined ?? ""
  switch (body["kind"]) {
    case "VAR_RESET":
    case "VAR_RESET_ALL":
    case "VAR_SET_DEFAULT":
      return
    case "VAR_SET_MULTI":
      if (name === "TRANSACTION" || name === "SESSION CHARACTERISTICS") return
      return changesMeaning(context, name)
    case "VAR_SET_VALUE":
      return judgeAssignment(context, name, body["args"]?.length === 1 ? wordOf(body["args"][0]) : undefined)
    default:
      return changesMeaning(context, name)
  }
}

/** `set_config(name, value, local)`: a SET inside an expression. */
export const judgeSetConfig = (context: Context, args: ReadonlyArray<Node>): void => {
  const name = literalOf(args[0])
  if (name === undefined) return changesMeaning(context, "")
  judgeAssignment(context, name, literalOf(args[1]))
}

const judgeAssignment = (context: Context, name: string, text: string | undefined): void => {
  if (isHarmlessSetting(name)) return
  if (text !== undefined && pinned.get(name.toLowerCase())?.has(text.toLowerCase()) === true) return
  return changesMeaning(context, name)
}

const wordOf = (node: Node): string | undefined => {
  const text = literalOf(node)
  if (text !== undefined) return text
  const body = tagOf(node) === "A_Const" ? node["A_Const"]! : {}
  return "ival" in body ? String(body["ival"]["ival"] ?? 0) : undefined
}
