import { isBuiltInType } from "../builtins/functions.ts"
import { type Body, type Node, stringsOf } from "../parse/tree.ts"
import type { Draft } from "./draft.ts"
import { canonicalName } from "./snapshot.ts"

/** As `format_type` spells them, by the names under which the grammar hands them on. */
const spelled: Readonly<Record<string, string>> = {
  bool: "boolean",
  bpchar: "character",
  char: "\"char\"",
  float4: "real",
  float8: "double precision",
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  time: "time without time zone",
  timestamp: "timestamp without time zone",
  timestamptz: "timestamp with time zone",
  timetz: "time with time zone",
  varbit: "bit varying",
  varchar: "character varying"
}

const serials: Readonly<Record<string, string>> = {
  bigserial: "bigint",
  serial: "integer",
  serial2: "smallint",
  serial4: "integer",
  serial8: "bigint",
  smallserial: "smallint"
}

/** Whether a type's name is one of the column definitions that bring a sequence along. */
export const isSerial = (typeName: Body): boolean => (stringsOf(typeName["names"]).at(-1) ?? "") in serials

/** A type as `format_type` spells it, without modifiers. */
export const typeSpelling = (draft: Draft, typeName: Body): string => {
  const names = stringsOf(typeName["names"])
  const name = names.at(-1)!
  const schema = names.length > 1 ? names.at(-2)! : undefined
  const array = (typeName["arrayBounds"] as ReadonlyArray<Node> | undefined) === undefined ? "" : "[]"
  if (schema === undefined && name in serials) return serials[name]!
  if (schema === undefined || schema === "pg_catalog") {
    if (name in spelled) return `${spelled[name]}${array}`
    if (isBuiltInType(name)) return `${name}${array}`
  }
  return `${schema === undefined ? ownType(draft, name) : canonicalName(schema, name)}${array}`
}

/** A column's type, without and with its modifiers. */
export const columnType = (draft: Draft, typeName: Body): { readonly type: string; readonly exact?: string } => {
  const type = typeSpelling(draft, typeName)
  const names = stringsOf(typeName["names"])
  const modifiers = ((typeName["typmods"] ?? []) as ReadonlyArray<Node>).map((node) =>
    node["A_Const"]?.["ival"]?.["ival"] as number | undefined
  )
  const built = (names.length === 1 || names[0] === "pg_catalog") && isBuiltInType(names.at(-1)!)
  if (!built || modifiers.length === 0 || modifiers.includes(undefined)) return { type }
  const array = type.endsWith("[]") ? "[]" : ""
  return { type, exact: `pg_catalog."${names.at(-1)!}"(${modifiers.join(",")})${array}` }
}

const ownType = (draft: Draft, name: string): string => {
  for (const schema of draft.path) {
    const candidate = canonicalName(schema, name)
    if (draft.types.has(candidate) || draft.relations.has(candidate)) return candidate
  }
  return name
}
