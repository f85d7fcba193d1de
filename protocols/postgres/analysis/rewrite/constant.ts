import type { RelationColumn, Snapshot, UserType } from "../catalogue/snapshot.ts"
import { encodeText } from "../../values/encode-text.ts"

/** By the name that `format_type` has for a type: its name in pg_type, and what stands for any of its values. */
const builtIn: Readonly<Record<string, readonly [name: string, neutral: string]>> = {
  "\"char\"": ["char", "*"],
  bigint: ["int8", "0"],
  "bit varying": ["varbit", ""],
  boolean: ["bool", "false"],
  bytea: ["bytea", "\\x"],
  character: ["bpchar", "*"],
  "character varying": ["varchar", "*"],
  cidr: ["cidr", "0.0.0.0/0"],
  date: ["date", "1970-01-01"],
  "double precision": ["float8", "0"],
  inet: ["inet", "0.0.0.0"],
  integer: ["int4", "0"],
  interval: ["interval", "0"],
  json: ["json", "null"],
  jsonb: ["jsonb", "null"],
  macaddr: ["macaddr", "00:00:00:00:00:00"],
  macaddr8: ["macaddr8", "00:00:00:00:00:00:00:00"],
  money: ["money", "0"],
  name: ["name", "*"],
  numeric: ["numeric", "0"],
  real: ["float4", "0"],
  smallint: ["int2", "0"],
  text: ["text", "*"],
  "time with time zone": ["timetz", "00:00:00+00"],
  "time without time zone": ["time", "00:00:00"],
  "timestamp with time zone": ["timestamptz", "1970-01-01 00:00:00+00"],
  "timestamp without time zone": ["timestamp", "1970-01-01 00:00:00"],
  uuid: ["uuid", "00000000-0000-0000-0000-000000000000"],
  xml: ["xml", ""]
}

/** A column's constant as an expression, and its NULL: both of the column's own type. */
export interface Constants {
  readonly value: string
  readonly null: string
}

/**
 * What stands for a column's values: `mask` where the type can hold it, as a string in JSON; else the type's neutral
 * value; `{}` for arrays; NULL for what has none of these, as enums, ranges and composites. A domain is cast to the
 * type under it, which is what a client is told it is: a domain may forbid NULL, or refuse the constant.
 */
export const constantsOf = (snapshot: Snapshot, { exact, type }: RelationColumn, mask: string): Constants => {
  const base = underDomains(snapshot, type)
  const spelled = spelling(snapshot, base === type ? exact ?? type : base)
  const none = `null::${spelled}`
  if (base.endsWith("[]")) return { value: `'{}'::${spelled}`, null: none }
  const own = snapshot.types.get(base)
  if (own?.extension === "citext" && own.name === "citext") return { value: `${literal(mask)}::${spelled}`, null: none }
  const known = builtIn[base]
  if (known === undefined || !Object.hasOwn(builtIn, base)) return { value: none, null: none }
  const [name, neutral] = known
  const text = name === "json" || name === "jsonb" ? JSON.stringify(mask) : mask
  return { value: `${literal(encodeText(name, text) === undefined ? neutral : text)}::${spelled}`, null: none }
}

const underDomains = (snapshot: Snapshot, type: string): string => {
  const seen = new Set<string>()
  let at = type
  while (!seen.has(at)) {
    seen.add(at)
    const own = snapshot.types.get(at)
    if (own?.kind !== "domain" || own.base === undefined) return at
    at = own.base
  }
  return at
}

/** What the grammar itself takes for a type, and no schema has under that name. */
const words = new Set(["bigint", "boolean", "integer", "real", "smallint"])

/**
 * A type's name, such that no path changes what it means. `format_type` prints PostgreSQL's own types as single bare
 * names, or in words of the grammar.
 */
const spelling = (snapshot: Snapshot, type: string): string => {
  const element = type.replace(/(\[\])+$/, "")
  const own: UserType | undefined = snapshot.types.get(element)
  if (own !== undefined) return `${quoted(own.schema)}.${quoted(own.name)}${type.slice(element.length)}`
  if (element === "character") return `pg_catalog.bpchar${type.slice(element.length)}`
  const bare = /^[a-z_][a-z0-9_]*$/.test(element) && !words.has(element)
  return bare || element === "\"char\"" ? `pg_catalog.${type}` : type
}

export const quoted = (name: string): string => `"${name.replaceAll("\"", "\"\"")}"`

/** With `standard_conforming_strings` on, which is pinned, a quote is all that needs doubling. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
