import { decideColumn } from "../core/detect/index.ts"

/**
 * The kind that a column's name suggests, for a first draft that a person goes over; undefined when it suggests none.
 * No value is known here, so names that alone decide nothing count, too: where there are values, they decide.
 */
export const guessKind = (column: string): string | undefined =>
  decideColumn({ name: column, values: [] }).kind ?? (column.toLowerCase() === "name" ? "name" : freeText(column))

const freeText = (column: string): string | undefined =>
  /(^|_)(notes?|comments?|message|body|description|remarks?|bemerkung|memo|free_?text)(_|$)/i.test(column)
    ? "free_text"
    : undefined
