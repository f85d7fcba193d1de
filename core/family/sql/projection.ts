import type { ColumnRef } from "./lineage.ts"

/**
 * How a statement is to read what it reads: every reference to a relation in its text reads that relation through
 * these answers, before anything is compared or computed. Asked while the statement is rewritten, each as often as it
 * takes: the same question must get the same answer.
 */
export interface Projection {
  /**
   * The text of the constant that stands in the place of a column's values; undefined: the values themselves. NULL
   * stays NULL. Where the column's type cannot hold the text, the protocol picks a constant that it can, else NULL.
   * Null: NULL in the place of every value, so that not even its presence is read.
   */
  readonly mask?: (column: ColumnRef) => string | null | undefined
  /** Which rows of a table are read at all; undefined: every one. */
  readonly rows?: (table: TableRef) => RowCondition | undefined
  /** Whether the client is told, where the protocol can, what runs in place of what it asked. */
  readonly told?: boolean
}

/** A table, by canonical names, and those whose selectors cover it too, as in `Resource.within`. */
export interface TableRef {
  readonly table: string
  readonly within?: ReadonlyArray<string>
}

/** Only rows whose `column` holds one of these texts are read. NULL is none of them. */
export interface RowCondition {
  readonly column: string
  readonly among: ReadonlyArray<string>
}

/** A table of which nothing but these rows is read, anywhere in the statement. */
export interface ConfinedTable extends RowCondition {
  readonly table: string
}

/** An answer that takes more time than others can be made to wait for. */
export interface Later<A> {
  readonly _tag: "Later"
  /** What is waited for, as the client may read it. */
  readonly reason: string
  /** Milliseconds: an answer after that is of no use. */
  readonly within: number
  /** Begins the work; asked for once. Never rejects, unless `signal` is aborted. */
  readonly answer: (signal: AbortSignal) => Promise<A>
}

/** Why a statement cannot be read through a projection. No text in it quotes data. */
export interface Unprojected {
  readonly _tag: "Unprojected"
  /** Names the construct: "the target of an UPDATE cannot be read through a mask". */
  readonly reason: string
  /** What the caller can write instead. */
  readonly remedy: string
}
