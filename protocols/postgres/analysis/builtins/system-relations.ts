import type { Relation } from "../catalogue/snapshot.ts"
import relations from "./relations.json" with { type: "json" }

const columnsOf = relations as unknown as Readonly<Record<string, ReadonlyArray<readonly [name: string, type: string]>>>

const words = (text: string): ReadonlyArray<string> => text.split(/\s+/).filter((word) => word !== "")

/**
 * Relations of `pg_catalog` that describe definitions and nothing else, as psql's `\d`, drivers, object mappers and
 * pgbench read them. Everything else there is `internals`: statistics carry values, activity carries other sessions'
 * texts, large objects carry data, and some carry passwords. `pg_settings` is in: drivers read it, and what it shows
 * is this session's own or the server's configuration, without files' names for those without the right to them.
 */
const reviewed = new Set([
  ...words(`
  pg_aggregate pg_am pg_amop pg_amproc pg_attrdef pg_attribute pg_auth_members pg_available_extensions
  pg_available_extension_versions pg_cast pg_class pg_collation pg_constraint pg_conversion pg_database pg_default_acl
  pg_depend
  pg_description pg_enum pg_event_trigger pg_extension pg_foreign_data_wrapper pg_foreign_server pg_foreign_table
  pg_group pg_index pg_indexes pg_inherits pg_init_privs pg_language pg_matviews pg_namespace pg_opclass pg_operator
  pg_opfamily pg_partitioned_table pg_policies pg_policy pg_proc pg_publication pg_publication_namespace
  pg_publication_rel pg_publication_tables pg_range pg_rewrite pg_roles pg_rules pg_sequence pg_settings pg_shdepend
  pg_shdescription pg_statistic_ext pg_tables pg_tablespace pg_timezone_abbrevs pg_timezone_names pg_transform
  pg_trigger pg_ts_config pg_ts_config_map pg_ts_dict pg_ts_parser pg_ts_template pg_type pg_user pg_views`).map((
    name
  ) => `pg_catalog.${name}`),
  ...words(`
  administrable_role_authorizations applicable_roles attributes character_sets check_constraint_routine_usage
  check_constraints collation_character_set_applicability collations column_column_usage column_domain_usage
  column_privileges column_udt_usage columns constraint_column_usage constraint_table_usage data_type_privileges
  domain_constraints domain_udt_usage domains element_types enabled_roles foreign_tables
  information_schema_catalog_name key_column_usage parameters referential_constraints role_column_grants
  role_routine_grants role_table_grants role_udt_grants role_usage_grants routine_column_usage routine_privileges
  routine_routine_usage routine_sequence_usage routine_table_usage routines schemata sequences sql_features
  sql_implementation_info sql_parts sql_sizing table_constraints table_privileges tables transforms
  triggered_update_columns triggers udt_privileges usage_privileges user_defined_types view_column_usage
  view_routine_usage view_table_usage views`).map((name) => `information_schema.${name}`)
])

/** Whether a schema is the server's own: definitions, statistics, TOAST. */
export const isSystemSchema = (schema: string): boolean =>
  schema === "pg_catalog" || schema === "information_schema" || schema === "pg_toast" || schema.startsWith("pg_toast_")

/** What kind of resource a system relation is, by its canonical name. */
export const systemResourceKind = (name: string): "catalogue" | "internals" =>
  reviewed.has(name) ? "catalogue" : "internals"

const known = new Map<string, Relation>()

/** A system relation as PostgreSQL 18 defines it, for when no upstream said otherwise. */
export const systemRelation = (schema: string, name: string): Relation | undefined => {
  if (schema !== "pg_catalog" && schema !== "information_schema") return undefined
  const canonical = `${schema}.${name}`
  const found = known.get(canonical)
  if (found !== undefined) return found
  if (!Object.hasOwn(columnsOf, canonical)) return undefined
  const columns = columnsOf[canonical]!.map(([column, type]) => ({ name: column, type }))
  const relation: Relation = {
    schema,
    name,
    kind: "table",
    columns,
    parents: [],
    triggers: [],
    rules: [],
    policies: []
  }
  known.set(canonical, relation)
  return relation
}
