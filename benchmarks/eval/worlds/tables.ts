import type pg from "pg"
import { canonicalName } from "../../../protocols/postgres/analysis/catalogue/snapshot.ts"

/** A column as worlds need it. */
export interface TableColumn {
  readonly name: string
  /** As the catalogue spells it, with its modifier: `character varying(24)`. */
  readonly type: string
  /** `pg_type.typcategory`: S a string, N a number, D a date, B a boolean, E an enum, A an array, others. */
  readonly category: string
  readonly labels: ReadonlyArray<string>
  readonly isNullable: boolean
  readonly isUnique: boolean
}

/** A row as texts, in the order of the table's columns. */
export type Cells = ReadonlyArray<string | null>

/** A table of which every row is known, and can be written anew. */
export interface Table {
  /** `schema.relation`, as an analysis names it. */
  readonly name: string
  readonly quoted: string
  /** What has rows of its own beside its parent's is written alone. */
  readonly only: "only " | ""
  readonly columns: ReadonlyArray<TableColumn>
  readonly rows: ReadonlyArray<Cells>
}

const ofColumns = `
  select n.nspname as schema, c.relname as relation, format('%I.%I', n.nspname, c.relname) as quoted,
    case c.relkind when 'r' then 'only ' else '' end as only, a.attname as column,
    format_type(a.atttypid, a.atttypmod) as type, t.typcategory as category, not a.attnotnull as nullable,
    exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisunique and a.attnum = any (i.indkey)) as "unique",
    array(select e.enumlabel::text from pg_enum e where e.enumtypid = t.oid order by e.enumsortorder) as labels
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    join pg_type t on t.oid = a.atttypid
  where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_|^information_schema$'
  order by c.oid, a.attnum`

interface Found {
  readonly schema: string
  readonly relation: string
  readonly quoted: string
  readonly only: Table["only"]
  readonly column: string
  readonly type: string
  readonly category: string
  readonly nullable: boolean
  readonly unique: boolean
  readonly labels: ReadonlyArray<string>
}

/** All tables of the database, with all their rows. */
export const readTables = async (client: pg.Client): Promise<ReadonlyMap<string, Table>> => {
  const tables = new Map<string, Table>()
  const { rows } = await client.query<Found>(ofColumns)
  for (const columns of Map.groupBy(rows, ({ quoted }) => quoted).values()) {
    const { only, quoted, relation, schema } = columns[0]!
    const name = canonicalName(schema, relation)
    const list = columns.map(({ column }) => `${quote(column)}::text`).join(", ")
    const answer = await client.query({ text: `select ${list} from ${only}${quoted}`, rowMode: "array" })
    tables.set(name, {
      name,
      quoted,
      only,
      columns: columns.map(({ category, column, labels, nullable, type, unique }) => ({
        name: column,
        type,
        category,
        labels,
        isNullable: nullable,
        isUnique: unique
      })),
      rows: answer.rows
    })
  }
  return tables
}

/** Writes a table's rows in place of those that it has. Fails where the schema does not allow them. */
export const writeTable = async (client: pg.Client, { columns, only, quoted, rows }: Table): Promise<void> => {
  const names = columns.map(({ name }) => quote(name)).join(", ")
  const values = rows.map((row) => `(${row.map((cell) => cell === null ? "null" : literal(cell)).join(", ")})`)
  await client.query(`delete from ${only}${quoted}`)
  if (values.length > 0)
    await client.query(`insert into ${quoted} (${names}) overriding system value values ${values.join(", ")}`)
}

const quote = (name: string): string => `"${name.replaceAll("\"", "\"\"")}"`
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
