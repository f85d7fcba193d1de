/** A column by its table; the table is left out where the file names none. */
export interface ColumnName {
  readonly table: string | undefined
  readonly column: string
}

/** Reads `schema.table.column`, or a bare `column`. */
export const columnOf = (text: string): ColumnName => {
  const dot = text.lastIndexOf(".")
  return dot <= 0 ? { table: undefined, column: text } : { table: text.slice(0, dot), column: text.slice(dot + 1) }
}
