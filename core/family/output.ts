/**
 * A piece of an answer: a row, its description, a completion, a notice. Views are loans: good until the hook returns.
 */
export interface Output {
  readonly kind: string
}

/** Many pieces of one answer at once, all of the same layout. A loan: good until the hook returns. */
export interface OutputRun {
  readonly count: number
}

/**
 * What takes the place of values, by column, in every row of a result: undefined leaves the column as it is, null is
 * NULL. A value that is NULL stays NULL. Columns behind the last are left as they are.
 */
export type Constants = ReadonlyArray<Uint8Array | null | undefined>
