/**
 * What is asked of a live upstream, PostgreSQL 13 to 18. Each query yields rows of text. Names are qualified with
 * `pg_catalog` throughout, and the reader's own path is empty, so that what the server prints is qualified too.
 */

/** What says that definitions moved: one row, one column. Cheap: no row is sorted, nothing is printed. */
export const fingerprintQuery = `
select pg_catalog.concat_ws('/', ${
  [
    ["pg_namespace", "nspname !~ '^pg_(toast_)?temp_'"],
    ["pg_class", "relpersistence <> 't'"],
    ["pg_attribute", "attrelid in (select oid from pg_catalog.pg_class where relpersistence <> 't')"],
    ["pg_proc", "true"],
    ["pg_type", "typnamespace not in (select oid from pg_catalog.pg_namespace where nspname ~ '^pg_(toast_)?temp_')"],
    ["pg_rewrite", "true"],
    ["pg_trigger", "true"],
    ["pg_policy", "true"],
    ["pg_cast", "true"],
    ["pg_operator", "true"],
    ["pg_inherits", "true"],
    ["pg_attrdef", "true"],
    ["pg_constraint", "contypid <> 0 or contype in ('c', 'f', 'p', 'x')"],
    ["pg_aggregate", "true"],
    ["pg_foreign_server", "true"],
    ["pg_foreign_table", "true"],
    ["pg_extension", "true"],
    ["pg_db_role_setting", "true"]
  ].map(([table, where]) =>
    // A changed row has another xmin, so the sum moves; a removed one moves the count.
    `(select pg_catalog.concat(pg_catalog.count(*), ':', pg_catalog.sum(xmin::text::pg_catalog.int8)) `
    + `from pg_catalog.${table} where ${where})`
  ).join(",\n  ")
}) as fingerprint`

/** The server's version and the path that the role starts with. */
export const sessionQuery = `
select pg_catalog.current_setting('server_version_num') as version, current_user::text as role,
  (select reset_val from pg_catalog.pg_settings where name = 'search_path') as path`

const ours = (column: string): string =>
  `${column} not in ('pg_catalog', 'information_schema', 'pg_toast') and ${column} !~ '^pg_(toast_)?temp_'`

export const schemasQuery = `
select nspname as name from pg_catalog.pg_namespace where nspname !~ '^pg_(toast_)?temp_'`

export const relationsQuery = `
select n.nspname as schema, c.relname as name, c.relkind::text as kind, c.relrowsecurity::text as secured,
  case when c.relkind in ('v', 'm') and ${ours("n.nspname")} then pg_catalog.pg_get_viewdef(c.oid) end as definition,
  (select s.srvname from pg_catalog.pg_foreign_table f join pg_catalog.pg_foreign_server s on s.oid = f.ftserver
    where f.ftrelid = c.oid) as server
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c') and n.nspname <> 'pg_toast' and n.nspname !~ '^pg_(toast_)?temp_'
  and (c.relkind <> 'S' or ${ours("n.nspname")})`

export const columnsQuery = `
select n.nspname as schema, c.relname as relation, a.attname as name,
  pg_catalog.format_type(a.atttypid, null) as type, pg_catalog.format_type(a.atttypid, a.atttypmod) as exact,
  a.attgenerated::text as generated,
  pg_catalog.pg_get_expr(d.adbin, d.adrelid) as expression
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')
  and n.nspname <> 'pg_toast' and n.nspname !~ '^pg_(toast_)?temp_' and (c.relkind <> 'S' or ${ours("n.nspname")})
order by a.attrelid, a.attnum`

export const parentsQuery = `
select n.nspname as schema, c.relname as relation, pn.nspname as parent_schema, p.relname as parent
from pg_catalog.pg_inherits i
join pg_catalog.pg_class c on c.oid = i.inhrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_class p on p.oid = i.inhparent join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
where c.relkind in ('r', 'p', 'f') and n.nspname !~ '^pg_(toast_)?temp_'
order by i.inhrelid, i.inhseqno`

export const triggersQuery = `
select n.nspname as schema, c.relname as relation, t.tgtype::text as bits, fn.nspname as routine_schema,
  f.proname as routine
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_proc f on f.oid = t.tgfoid join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace
where not t.tgisinternal and t.tgenabled <> 'D'`

/** Foreign keys that carry a change on: `d` is what a delete does, `u` an update (c: cascade, n, d: set). */
export const cascadesQuery = `
select n.nspname as schema, c.relname as relation, fn.nspname as from_schema, f.relname as from_relation,
  k.confdeltype::text as d, k.confupdtype::text as u
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.confrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_class f on f.oid = k.conrelid join pg_catalog.pg_namespace fn on fn.oid = f.relnamespace
where k.contype = 'f' and (k.confdeltype in ('c', 'n', 'd') or k.confupdtype in ('c', 'n', 'd'))`

/**
 * Functions that run whenever a row is written, beside triggers: those that CHECK and EXCLUDE constraints, indexes,
 * partition keys and the conditions of triggers depend on. PostgreSQL notes no dependency on its own.
 */
export const callsQuery = `
select distinct n.nspname as schema, c.relname as relation, fn.nspname as routine_schema, f.proname as routine
from (
  select k.conrelid as relation, 'pg_catalog.pg_constraint'::pg_catalog.regclass as class, k.oid as object,
    0::pg_catalog.oid as apart
  from pg_catalog.pg_constraint k where k.contype in ('c', 'x') and k.conrelid <> 0
  union all
  select i.indrelid, 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid, 0::pg_catalog.oid from pg_catalog.pg_index i
  union all
  select p.partrelid, 'pg_catalog.pg_class'::pg_catalog.regclass, p.partrelid, 0::pg_catalog.oid
  from pg_catalog.pg_partitioned_table p
  union all
  select t.tgrelid, 'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid, t.tgfoid
  from pg_catalog.pg_trigger t where t.tgqual is not null
) h
join pg_catalog.pg_depend d on d.classid = h.class and d.objid = h.object
left join pg_catalog.pg_operator o
  on d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass and o.oid = d.refobjid
join pg_catalog.pg_proc f on f.oid = o.oprcode
  or (d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass and f.oid = d.refobjid)
join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace
join pg_catalog.pg_class c on c.oid = h.relation join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where f.oid <> h.apart`

export const keysQuery = `
select n.nspname as schema, c.relname as relation, a.attname as name
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = any (k.conkey)
where k.contype = 'p' and not k.condeferrable and ${ours("n.nspname")}`

/** Which columns say in which partition a row stands; where a key computes with some, any of them. */
export const partitionKeysQuery = `
select distinct n.nspname as schema, c.relname as relation, a.attname as name
from pg_catalog.pg_partitioned_table p
join pg_catalog.pg_attribute a on a.attrelid = p.partrelid and a.attnum > 0 and not a.attisdropped
  and (a.attnum = any (p.partattrs) or 0 = any (p.partattrs))
cross join lateral pg_catalog.pg_partition_ancestors(p.partrelid) u
join pg_catalog.pg_class c on c.oid = u.relid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where ${ours("n.nspname")}`

export const rulesQuery = `
select n.nspname as schema, c.relname as relation, r.ev_type::text as event
from pg_catalog.pg_rewrite r
join pg_catalog.pg_class c on c.oid = r.ev_class join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where r.rulename <> '_RETURN' and r.ev_enabled <> 'D' and ${ours("n.nspname")}`

export const policiesQuery = `
select n.nspname as schema, c.relname as relation,
  pg_catalog.pg_get_expr(p.polqual, p.polrelid) as using, pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) as check
from pg_catalog.pg_policy p
join pg_catalog.pg_class c on c.oid = p.polrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relrowsecurity`

/** Routines that are not PostgreSQL's own, wherever they are. `pg_get_function_sqlbody` exists from 14 on. */
export const routinesQuery = (version: number): string => `
select n.nspname as schema, p.proname as name, p.prokind::text as kind, l.lanname as language,
  p.provolatile::text as volatility, (p.pronargs - p.pronargdefaults)::text as least,
  case when p.provariadic <> 0 then -1 else p.pronargs end::text as most,
  pg_catalog.format_type(p.prorettype, null) as returns, p.proretset::text as many,
  pg_catalog.to_json(p.proargnames)::text as names, pg_catalog.to_json(p.proargmodes)::text as modes,
  case when l.lanname in ('sql', 'plpgsql') then p.prosrc end as source,
  ${version >= 140000 ? "pg_catalog.pg_get_function_sqlbody(p.oid)" : "null"} as body,
  pg_catalog.to_json(p.proconfig)::text as settings,
  (select e.extname from pg_catalog.pg_depend d join pg_catalog.pg_extension e on e.oid = d.refobjid
    where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e'
      and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass) as extension
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
where p.oid >= 16384 or ${ours("n.nspname")}`

export const typesQuery = `
select n.nspname as schema, t.typname as name, t.typtype::text as kind,
  case when t.typtype = 'd' then pg_catalog.format_type(t.typbasetype, null) end as base, t.typtypmod::text as modifier,
  (select pg_catalog.to_json(pg_catalog.array_agg(l.enumlabel::text order by l.enumsortorder))::text
    from pg_catalog.pg_enum l where l.enumtypid = t.oid) as labels,
  case when t.typtype = 'd' then pg_catalog.pg_get_expr(t.typdefaultbin, 0) end as expression,
  (select pg_catalog.to_json(pg_catalog.array_agg(pg_catalog.pg_get_expr(k.conbin, 0)))::text
    from pg_catalog.pg_constraint k where k.contypid = t.oid and k.contype = 'c') as checks,
  (select e.extname from pg_catalog.pg_depend d join pg_catalog.pg_extension e on e.oid = d.refobjid
    where d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and d.objid = t.oid and d.deptype = 'e'
      and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass) as extension
from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where (t.oid >= 16384 or ${ours("n.nspname")}) and t.typcategory <> 'A' and n.nspname !~ '^pg_(toast_)?temp_'
  and n.nspname <> 'information_schema'
  and (t.typtype <> 'c' or exists (select 1 from pg_catalog.pg_class c where c.oid = t.typrelid and c.relkind = 'c'))`

export const operatorsQuery = `
select n.nspname as schema, o.oprname as name, fn.nspname as routine_schema, f.proname as routine,
  (select e.extname from pg_catalog.pg_depend d join pg_catalog.pg_extension e on e.oid = d.refobjid
    where d.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass and d.objid = o.oid and d.deptype = 'e'
      and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass) as extension
from pg_catalog.pg_operator o
join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
join pg_catalog.pg_proc f on f.oid = o.oprcode join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace
where o.oid >= 16384`

export const castsQuery = `
select pg_catalog.format_type(c.castsource, null) as source, pg_catalog.format_type(c.casttarget, null) as target,
  fn.nspname as routine_schema, f.proname as routine, c.castcontext::text as context,
  (select e.extname from pg_catalog.pg_depend d join pg_catalog.pg_extension e on e.oid = d.refobjid
    where d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e'
      and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass) as extension
from pg_catalog.pg_cast c
left join pg_catalog.pg_proc f on f.oid = c.castfunc left join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace
where c.oid >= 16384`

export const serversQuery = `
select srvname as name,
  (select option_value from pg_catalog.pg_options_to_table(srvoptions) where option_name = 'host') as host,
  (select option_value from pg_catalog.pg_options_to_table(srvoptions) where option_name = 'port') as port
from pg_catalog.pg_foreign_server`
