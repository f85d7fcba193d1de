/**
 * Rows that a statement writes out for one table. Nothing else that it does writes there, and nothing on their way
 * changes them: no trigger, no rule, no row that is there already.
 */
export interface InsertedRows {
  /** Canonical. */
  readonly table: string
  /**
   * What the column will hold, as its text form: one for each row; undefined where that is not known. Rows whose
   * value is a parameter are left out while none is bound: then nothing runs.
   */
  readonly values: (column: string) => ReadonlyArray<string | undefined>
}
