import type { ValueType } from "./value-type.ts"

/** A column of a relation, by canonical names. */
export interface ColumnRef {
  /** `schema.relation`. */
  readonly table: string
  readonly column: string
  /**
   * Other relations whose selectors cover this one too, as in `Resource.within`; and those whose rows are read along
   * with its own, where they have a column of that name.
   */
  readonly within?: ReadonlyArray<string>
  /** Columns of views that it is read as: their selectors cover it too. */
  readonly as?: ReadonlyArray<ColumnRef>
}

/** The same for two references if, and only if, they name the same column, read by the same way. */
export const columnKey = ({ as = [], column, table, within = [] }: ColumnRef): string =>
  [table, column, ...within, ...as.map((one) => `\0${columnKey(one)}`)].join("\0")

/**
 * How a column is used where it is not a bare output:
 *
 * - `transform`, `aggregate`: its value is computed into an output. `predicate`, `join`, `order`, `group`: it only
 *   steers. `compare`: set operations, DISTINCT, window partitions. `write`: it flows into what is written.
 * - `presence`: only whether it is NULL matters, wherever it stands: `IS NULL`, `count(column)`.
 */
export type UseKind =
  | "transform"
  | "aggregate"
  | "predicate"
  | "join"
  | "order"
  | "group"
  | "compare"
  | "write"
  | "presence"

export interface ColumnUse extends ColumnRef {
  readonly use: UseKind
}

/** A column that a value comes from. */
export interface Source extends ColumnRef {
  /** True: of the column's values nothing matters but whether they are NULL. */
  readonly presence?: true
  /**
   * Which reading of the table it belongs to, where the text reads it more than once: only columns of one reading
   * stand in a row together. The first has none.
   */
  readonly reading?: number
}

/**
 * Rows that each stand for many: `count`, `sum` or `avg` of bare columns of one table, beside nothing but columns that
 * it is grouped by. All rows of the table are read, each once, and the statement itself leaves out every group of less
 * than `rowsMin` rows. A `sum` or `avg` is then over at least that many values that are not NULL.
 */
export interface Aggregation {
  /** `schema.relation`. */
  readonly table: string
  /** Names of columns, in the statement's order. */
  readonly groupedBy: ReadonlyArray<string>
  readonly rowsMin: number
}

/**
 * Where one output column comes from.
 *
 * - `copy`: the value of exactly one base column, unchanged, for every row.
 * - `derived`: computed from `sources`, or mixed from several of them.
 * - `constant`: touches no column.
 */
export interface Lineage {
  /** The name that the result carries. */
  readonly name: string
  readonly how: "copy" | "derived" | "constant"
  readonly sources: ReadonlyArray<Source>
  /** The type that the catalogue gives a copied column, for where the wire does not tell: COPY, types of users. */
  readonly type?: ValueType
}
