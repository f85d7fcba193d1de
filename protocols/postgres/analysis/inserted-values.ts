import type { InsertedRows, Statement } from "../../../core/family/sql/index.ts"
import type { InsertedPlace, InsertedPlaces, Spelling } from "./effects/inserted-places.ts"
import { type Literal, literalsIn, valueOf } from "./literals.ts"

/** A statement as its codec knows it: with the types that a client declared for parameters, 0 where it did not. */
type Asked = Pick<Statement, "text" | "phase" | "parameters"> & { readonly types?: ReadonlyArray<number> }

/** Types by their OIDs (`pg_type.dat`) whose values are spelt as the column will hold them. 0: the column's own. */
const declared: Readonly<Record<Spelling, ReadonlySet<number>>> = {
  text: new Set([0, 25, 1042, 1043]),
  integer: new Set([0, 20, 21, 23])
}

/** How a whole number is written that a column gives back as it was. */
const WHOLE = /^(?:0|-?[1-9]\d{0,17})$/

/** The rows of one execution: read out of its own text and parameters. */
export const insertedRows = (places: InsertedPlaces, asked: Asked): InsertedRows => {
  let literals: ReadonlyArray<Literal> | undefined
  const read = (place: InsertedPlace, spelling: Spelling): string | undefined => {
    if (place === undefined) return undefined
    const value = "parameter" in place
      ? parameterOf(asked, place.parameter, spelling)
      : literalOf(asked.text, literals ??= literalsIn(asked.text) ?? [], place.literal)
    return value !== undefined && (spelling === "text" || WHOLE.test(value)) ? value : undefined
  }
  return {
    table: places.table,
    values: (column) => {
      const found = Object.hasOwn(places.columns, column) ? places.columns[column] : undefined
      if (found === undefined) return Array.from({ length: places.rows }, () => undefined)
      const runs = asked.phase !== "prepare"
      return found.places.filter((place) => runs || place === undefined || !("parameter" in place))
        .map((place) => read(place, found.spelling))
    }
  }
}

const literalOf = (text: string, literals: ReadonlyArray<Literal>, index: number): string | undefined => {
  const literal = literals[index]
  return literal === undefined ? undefined : valueOf(text, literal)
}

const parameterOf = ({ parameters, types }: Asked, number: number, spelling: Spelling): string | undefined => {
  const bound = parameters?.[number - 1]
  if (bound === undefined || bound.value === null) return undefined
  const type = types?.[number - 1] ?? 0
  if (!declared[spelling].has(type)) return undefined
  const bytes = Buffer.from(bound.value.buffer, bound.value.byteOffset, bound.value.length)
  if (bound.format === "text" || spelling === "text") return bytes.toString("utf8")
  if (bytes.length === 2) return String(bytes.readInt16BE())
  if (bytes.length === 4) return String(bytes.readInt32BE())
  return bytes.length === 8 ? String(bytes.readBigInt64BE()) : undefined
}
