import type { OperationKind } from "../../../../core/family/index.ts"

/** What calling a function does beyond computing a value. */
export interface Hazard {
  readonly kind: OperationKind
  /** The part of the server that it reads or writes, as a resource of kind `server`. */
  readonly reads?: string
  readonly writes?: string
  /** Why the call cannot be resolved; undefined where the resources above say all. */
  readonly reason?: string
}

const words = (text: string): ReadonlyArray<string> => text.split(/\s+/).filter((word) => word !== "")

const table = new Map<string, Hazard>()
const declare = (names: string, hazard: Hazard): void => {
  for (const name of words(names)) table.set(name, hazard)
}

declare("nextval setval", { kind: "write", writes: "sequences" })
declare("currval lastval pg_sequence_last_value pg_get_sequence_data", { kind: "read", reads: "sequences" })
declare("pg_notify", { kind: "write", writes: "notifications" })
declare(
  `pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all pg_advisory_unlock_shared
  pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_try_advisory_lock pg_try_advisory_lock_shared
  pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared`,
  { kind: "write", writes: "locks" }
)
declare("pg_sleep pg_sleep_for pg_sleep_until", { kind: "admin", writes: "time" })
declare(
  "pg_cancel_backend pg_terminate_backend pg_reload_conf pg_rotate_logfile pg_promote pg_log_backend_memory_contexts",
  { kind: "admin", writes: "backends" }
)
declare("lo_get loread lo_open lo_tell lo_tell64 lo_lseek lo_lseek64 lo_close", {
  kind: "read",
  reads: "large_objects",
  reason: "a large object may hold any data"
})
declare("lo_creat lo_create lo_from_bytea lo_put lo_truncate lo_truncate64 lo_unlink lowrite", {
  kind: "write",
  writes: "large_objects",
  reason: "a large object may hold any data"
})
declare("lo_export lo_import", { kind: "move", writes: "files", reason: "it moves a large object to or from a file" })
declare(
  `pg_read_file pg_read_binary_file pg_stat_file pg_ls_dir pg_ls_logdir pg_ls_waldir pg_ls_tmpdir
  pg_ls_archive_statusdir
  pg_ls_summariesdir pg_ls_logicalmapdir pg_ls_logicalsnapdir pg_ls_replslotdir pg_current_logfile pg_hba_file_rules
  pg_ident_file_mappings pg_show_all_file_settings pg_file_write pg_file_read pg_file_rename pg_file_unlink pg_file_sync
  pg_logdir_ls pg_read_file_old pg_file_length pg_config`,
  { kind: "admin", reads: "files", reason: "it reaches the server's files" }
)
declare(
  `query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema table_to_xml
  table_to_xmlschema table_to_xml_and_xmlschema schema_to_xml schema_to_xmlschema schema_to_xml_and_xmlschema
  database_to_xml database_to_xmlschema database_to_xml_and_xmlschema ts_stat ts_rewrite currtid2 crosstab crosstabn
  connectby xpath_table`,
  { kind: "execute", reason: "it reads what its text names" }
)
declare(
  `pg_create_logical_replication_slot pg_create_physical_replication_slot pg_copy_logical_replication_slot
  pg_copy_physical_replication_slot pg_drop_replication_slot pg_replication_slot_advance pg_sync_replication_slots
  pg_logical_slot_get_changes pg_logical_slot_get_binary_changes pg_logical_slot_peek_changes
  pg_logical_slot_peek_binary_changes pg_logical_emit_message pg_export_snapshot pg_backup_start pg_backup_stop
  pg_start_backup pg_stop_backup pg_switch_wal pg_get_publication_tables pg_get_replication_slots`,
  { kind: "move", reason: "it serves replication or backups" }
)
declare(
  `pg_stat_get_activity pg_lock_status pg_prepared_statement pg_prepared_xact pg_cursor pg_blocking_pids
  pg_safe_snapshot_blocking_pids pg_show_replication_origin_status pg_listening_channels pg_mcv_list_items
  pg_get_backend_memory_contexts pg_get_shmem_allocations pg_get_aios pg_get_loaded_modules
  pg_stat_reset current_query`,
  { kind: "read", reads: "activity", reason: "it shows what others do, or statistics that carry values" }
)

/** Volatile, but doing no more than draw a number, tell the time, or describe a definition's place and size. */
const harmless = new Set(words(`
  random random_normal setseed clock_timestamp timeofday gen_random_uuid uuidv4 uuidv7 array_sample array_shuffle
  pg_relation_size pg_table_size pg_total_relation_size pg_indexes_size pg_database_size pg_tablespace_size
  pg_partition_tree pg_partition_ancestors pg_is_in_recovery pg_is_wal_replay_paused pg_jit_available
  pg_collation_actual_version pg_database_collation_actual_version pg_xact_status txid_status
  pg_xact_commit_timestamp pg_last_xact_replay_timestamp pg_current_wal_lsn pg_last_wal_receive_lsn
  pg_last_wal_replay_lsn pg_notification_queue_usage pg_isolation_test_session_is_blocked`))

/**
 * What a function of PostgreSQL's own does, beyond its value. The safe ones are immutable or stable and not named
 * above; a volatile one that nobody reviewed is not known. `set_config` is judged by its arguments, elsewhere.
 */
export const hazardOf = (name: string, volatile: boolean): Hazard | undefined => {
  const declared = table.get(name)
  if (declared !== undefined) return declared
  if (name.startsWith("pg_stat_") || name.startsWith("pg_stats_")) {
    return { kind: "read", reads: "activity", reason: "it shows what others do, or statistics that carry values" }
  }
  if (
    name.startsWith("binary_upgrade_") || name.startsWith("pg_event_trigger_") || name.startsWith("pg_replication_")
  ) {
    return { kind: "admin", reason: "it administers the server" }
  }
  return volatile && !harmless.has(name) ? { kind: "execute", reason: "its effect is not known" } : undefined
}

const trusted = new Set(words(`
  citext pg_trgm unaccent uuid-ossp hstore ltree pgcrypto intarray cube earthdistance btree_gin btree_gist fuzzystrmatch
  isn seg postgis vector`))

/** Extensions whose functions, operators and casts compute values and reach nothing else. */
export const isTrustedExtension = (extension: string | undefined): boolean =>
  extension !== undefined && trusted.has(extension)

/** Functions of extensions that open connections to other servers, wherever they are installed. */
export const movesData = (name: string): boolean => name.startsWith("dblink") || name.startsWith("postgres_fdw_")
