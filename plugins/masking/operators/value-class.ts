import type { ValueType } from "../../../core/family/sql/index.ts"

/** Types that operators treat alike. */
export type ValueClass =
  | "text"
  | "integer"
  | "numeric"
  | "float"
  | "date"
  | "uuid"
  | "bytea"
  | "network"
  | "json"
  | "other"

const classes: Readonly<Record<string, ValueClass>> = {
  text: "text",
  varchar: "text",
  bpchar: "text",
  citext: "text",
  name: "text",
  unknown: "text",
  int2: "integer",
  int4: "integer",
  int8: "integer",
  numeric: "numeric",
  float4: "float",
  float8: "float",
  date: "date",
  timestamp: "date",
  timestamptz: "date",
  uuid: "uuid",
  bytea: "bytea",
  inet: "network",
  cidr: "network",
  json: "json",
  jsonb: "json"
}

export const classOf = (type: ValueType): ValueClass =>
  Object.hasOwn(classes, type.name) ? classes[type.name]! : "other"

/** How many bits a non-negative integer of the type has. */
export const integerBits = (type: ValueType): 15 | 31 | 63 => type.name === "int8" ? 63 : type.name === "int4" ? 31 : 15

const NAME_CHARACTERS_MAX = 63

/** How many characters a text of the type may have. */
export const charactersMax = (type: ValueType): number =>
  type.name === "name" ? NAME_CHARACTERS_MAX : type.lengthMax ?? Infinity

/** The text of a value, spelt the same for all that the type takes for equal. */
export const canonical = (text: string, type: ValueType): string => type.name === "citext" ? text.toLowerCase() : text
