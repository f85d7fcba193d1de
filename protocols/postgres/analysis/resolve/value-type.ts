import type { ColumnRef, ValueType } from "../../../../core/family/sql/index.ts"
import { valueTypeOf } from "../../values/value-type.ts"
import type { Snapshot } from "../catalogue/snapshot.ts"

/** Catalogue names by the spelling that `format_type` gives them, where the two differ. */
const catalogueNames: ReadonlyMap<string, string> = new Map([
  ["boolean", "bool"],
  ["character", "bpchar"],
  ["\"char\"", "char"],
  ["real", "float4"],
  ["double precision", "float8"],
  ["smallint", "int2"],
  ["integer", "int4"],
  ["bigint", "int8"],
  ["time without time zone", "time"],
  ["timestamp without time zone", "timestamp"],
  ["timestamp with time zone", "timestamptz"],
  ["time with time zone", "timetz"],
  ["bit varying", "varbit"],
  ["character varying", "varchar"]
])

/** What is added to a modifier, so that it is never negative (VARHDRSZ). */
const HEADER_BYTES = 4

/** The deepest nesting of domains, arrays and composites that is followed. */
const DEPTH_MAX = 16

/** The type of a column as the catalogue has it; undefined for one that is not in it. */
export const typeOfColumn = (snapshot: Snapshot, { column, table }: ColumnRef): ValueType | undefined => {
  const found = snapshot.relations.get(table)?.columns.find(({ name }) => name === column)
  return found === undefined ? undefined : typeSpelled(snapshot, found.exact ?? found.type, -1, 0)
}

/** `character varying(20)` apart: the type, and its modifier as the catalogue keeps it. */
const parted = (exact: string): readonly [spelled: string, modifier: number] => {
  const match = /^([a-z ]+)\(([0-9]+)(?:,(-?[0-9]+))?\)([a-z ]*)$/.exec(exact)
  if (match === null) return [exact, -1]
  const [, before, first, second = "0", behind] = match
  const digits = before === "numeric" ? (Number(first) << 16) | (Number(second) & 0x7ff) : Number(first)
  return [before! + behind!, digits + HEADER_BYTES]
}

const typeSpelled = (snapshot: Snapshot, spelled: string, modifier: number, depth: number): ValueType => {
  if (depth > DEPTH_MAX) return { name: "" }
  if (spelled.endsWith("[]")) {
    return { name: "array", element: typeSpelled(snapshot, spelled.slice(0, -2), modifier, depth + 1) }
  }
  if (modifier < 0 && spelled.endsWith(")")) return typeSpelled(snapshot, ...parted(spelled), depth + 1)
  const type = snapshot.types.get(spelled)
  if (type?.kind === "domain" && type.base !== undefined) {
    return typeSpelled(snapshot, type.base, type.modifier ?? -1, depth + 1)
  }
  if (type?.kind === "enum") return { name: "enum", labels: type.labels ?? [] }
  if (type?.extension === "citext") return { name: "citext" }
  const relation = type === undefined || type.kind === "composite" ? snapshot.relations.get(spelled) : undefined
  if (relation !== undefined) {
    return {
      name: "composite",
      fields: relation.columns.map((own) => typeSpelled(snapshot, own.exact ?? own.type, -1, depth + 1))
    }
  }
  return valueTypeOf(type === undefined ? catalogueNames.get(spelled) ?? spelled : "", modifier)
}
