import type { ValueType } from "../../../core/family/sql/index.ts"

const HEADER_BYTES = 4

/** The type of a value by its catalogue name and its modifier (pg_attribute.atttypmod), of an array its elements'. */
export const valueTypeOf = (name: string, modifier: number): ValueType => {
  if (name.startsWith("_")) return { name: "array", element: valueTypeOf(name.slice(1), modifier) }
  if (modifier < HEADER_BYTES) return { name }
  switch (name) {
    case "varchar":
    case "bpchar":
      return { name, lengthMax: modifier - HEADER_BYTES }
    case "numeric": {
      const digits = modifier - HEADER_BYTES
      // Since 15 the scale is signed, in eleven bits; a negative one rounds before the point, and is not made here.
      const scale = ((digits & 0x7ff) ^ 1024) - 1024
      return scale < 0 ? { name: "" } : { name, precision: digits >> 16, scale }
    }
    default:
      return { name }
  }
}
