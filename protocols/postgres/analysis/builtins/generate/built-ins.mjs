// Writes ../functions.json and ../relations.json from a running PostgreSQL 18, whose address is the first argument:
//   node built-ins.mjs postgres://postgres@127.0.0.1:5432/postgres
// Run it on a server that has no extensions: everything it finds is taken for PostgreSQL's own.
import { writeFileSync } from "node:fs"
import pg from "pg"

const client = new pg.Client({ connectionString: process.argv[2] })
await client.connect()
const rows = async (text) => (await client.query(text)).rows

// name -> overloads; each is [arguments min, arguments max (-1: any), volatility, kind, returns a set, returned type,
// names of the returned columns]. The same overload twice says nothing new.
const functions = {}
const routines = await rows(`
  select p.proname as name, p.pronargs - p.pronargdefaults as least, case when p.provariadic <> 0 then -1 else p.pronargs end as most,
    p.provolatile as volatility, p.prokind as kind, p.proretset as many, format_type(p.prorettype, null) as returns,
    (select array_agg(coalesce(p.proargnames[i], '') order by i) from generate_subscripts(p.proargmodes, 1) i
      where p.proargmodes[i] in ('o', 'b', 't')) as columns
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname = 'pg_catalog' and p.prorettype not in ('trigger'::regtype)
    and not p.proargtypes::oid[] && array['internal'::regtype::oid]
  order by 1, 2, 3, 4, 5, 6, 7`)
for (const { name, least, most, volatility, kind, many, returns, columns } of routines) {
  const overload = [least, most, volatility, kind, many ? 1 : 0, returns, ...(columns === null ? [] : [columns])]
  const all = functions[name] ??= []
  if (!all.some((other) => JSON.stringify(other) === JSON.stringify(overload))) all.push(overload)
}

// schema.name -> columns as [name, type].
const relations = {}
const columns = await rows(`
  select n.nspname || '.' || c.relname as relation, a.attname as name, format_type(a.atttypid, null) as type
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
  where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped
  order by 1, a.attnum`)
for (const { relation, name, type } of columns) (relations[relation] ??= []).push([name, type])

const types = (await rows(`
  select t.typname as name from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where n.nspname = 'pg_catalog' and t.typtype <> 'c' and t.typname !~ '^_(pg_|.*\\.)' order by 1`)).map((row) =>
  row.name
)
const triggers = (await rows(`
  select p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname = 'pg_catalog' and p.prorettype = 'trigger'::regtype order by 1`)).map((row) => row.name)

const write = (file, value) => {
  const lines = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`)
  writeFileSync(new URL(`../${file}`, import.meta.url), `{\n${lines.join(",\n")}\n}\n`)
}
write("functions.json", functions)
write("relations.json", relations)
write("types.json", { types, triggers })
await client.end()
