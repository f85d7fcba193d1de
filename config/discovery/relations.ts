import * as Effect from "effect/Effect"
import { type PluginError, pluginError } from "../../core/index.ts"
import type { Reader } from "../../core/protocol/index.ts"

/** What holds data in an upstream, and may be looked into. Views hold none: the gateway judges what they read. */
export interface Relation {
  /** `schema.table`, as a data set names it. */
  readonly name: string
  /** The same, quoted for a statement. */
  readonly quoted: string
  /** Pages on disk and rows, as the upstream last counted them, partitions included; 0 where it never has. */
  readonly pages: number
  readonly rows: number
  /** Why no row may be read; undefined when rows may. */
  readonly unread: string | undefined
  readonly columns: ReadonlyArray<RelationColumn>
}

export interface RelationColumn {
  readonly name: string
  readonly type: string
  readonly comment: string | undefined
  /** An expression that gives the beginning of its value as text; undefined where it may not or need not be read. */
  readonly text: string | undefined
}

/** Characters of a value that are fetched: what a column holds shows in its beginnings. */
export const charactersMost = 1024
const columnsMost = 200_000

/**
 * Whatever turns a value into text here is the server's own: types of the server and of extensions are read, and what
 * users made is not, because a cast of theirs would run their code with the gateway's rights. For the same reason no
 * row of a foreign table, or under row security, is read. An array counts by its first element. Nothing here takes a
 * lock on a table: sizes are the counted ones.
 */
const query = (schemas: ReadonlyArray<string>): string =>
  `with recursive parts as (
    select c.oid as root, c.oid as part from pg_catalog.pg_class c where c.relkind = 'p' and not c.relispartition
    union all
    select parts.root, i.inhrelid from parts join pg_catalog.pg_inherits i on i.inhparent = parts.part
  ), sizes as (
    select parts.root, sum(c.relpages) as pages, sum(greatest(c.reltuples, 0)) as rows
    from parts join pg_catalog.pg_class c on c.oid = parts.part where c.relkind = 'r' group by parts.root
  )
  select n.nspname as schema, c.relname as table,
    pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) as quoted,
    c.relkind as kind, coalesce(sizes.rows, c.reltuples) as rows, coalesce(sizes.pages, c.relpages) as pages,
    a.attname as column,
    pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
    pg_catalog.col_description(c.oid, a.attnum::int) as comment,
    pg_catalog.quote_ident(a.attname) as column_quoted,
    pg_catalog.has_schema_privilege(n.oid, 'usage')
      and pg_catalog.has_column_privilege(c.oid, a.attnum, 'select') as may,
    pg_catalog.row_security_active(c.oid) as secured,
    t.typcategory = 'A' as array,
    b.typtype in ('b', 'r', 'm') and b.oid <> 'pg_catalog.bytea'::pg_catalog.regtype
      and (b.typnamespace = 'pg_catalog'::pg_catalog.regnamespace or exists (select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and d.objid = b.oid and d.deptype = 'e')) as known
  from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join sizes on sizes.root = c.oid
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_catalog.pg_type t on t.oid = a.atttypid
    join pg_catalog.pg_type e on e.oid = case when t.typcategory = 'A' and t.typelem <> 0 then t.typelem else t.oid end
    join pg_catalog.pg_type b on b.oid = case when e.typtype = 'd' then e.typbasetype else e.oid end
  where c.relkind in ('r', 'p', 'm', 'f') and not c.relispartition
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    ${schemas.length === 0 ? "" : `and n.nspname in (${schemas.map(literal).join(", ")})`}
  order by n.nspname, c.relname, a.attnum limit ${columnsMost + 1}`

const literal = (text: string): string =>
  `${text.includes("\\") ? " E" : ""}'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`

type Row = Readonly<Record<string, string | null>>

/** The tables, materialised views and foreign tables of an upstream, in all schemas but the system's, or in some. */
export const readRelations = (
  reader: Reader,
  schemas: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Relation>, PluginError> =>
  Effect.gen(function*() {
    const rows: ReadonlyArray<Row> = yield* reader.query(query(schemas))
    if (rows.length > columnsMost) {
      const many = `there are more than ${columnsMost} columns. Look at some of the schemas, with --schema NAME`
      return yield* Effect.fail(pluginError("discover", many))
    }
    const relations = new Map<string, Array<Row>>()
    for (const row of rows) {
      const name = `${row["schema"]}.${row["table"]}`
      const columns = relations.get(name)
      if (columns === undefined) relations.set(name, [row])
      else columns.push(row)
    }
    return [...relations].map(([name, columns]) => relationOf(name, columns))
  })

const relationOf = (name: string, rows: ReadonlyArray<Row>): Relation => {
  const first = rows[0]!
  return {
    name,
    quoted: first["quoted"]!,
    pages: Number(first["pages"]),
    rows: Math.max(0, Number(first["rows"])),
    unread: unreadOf(rows),
    columns: rows.map((row) => ({
      name: row["column"]!,
      type: row["type"]!,
      comment: row["comment"] ?? undefined,
      text: row["may"] === "t" && row["known"] === "t" ? textOf(row) : undefined
    }))
  }
}

const textOf = (row: Row): string =>
  `pg_catalog.left((${row["column_quoted"]})${row["array"] === "t" ? "[1]" : ""}::pg_catalog.text, ${charactersMost})`

const unreadOf = (rows: ReadonlyArray<Row>): string | undefined => {
  const [{ kind, secured } = {}] = rows
  if (kind === "f") return "a foreign table: its rows are another server's"
  if (rows.every(({ may }) => may !== "t")) return "the credential may not read it"
  if (secured === "t")
    return "row security holds for the credential: it would hide rows, and run what its policies call"
  return undefined
}
