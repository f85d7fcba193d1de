import type { Operation } from "../operation.ts"
import type { Aggregation, Lineage } from "./lineage.ts"
import type { ColumnUse } from "./lineage.ts"
import type { ConfinedTable, Later, Projection, Unprojected } from "./projection.ts"

/**
 * Where an operation stands in the extended protocol's life of a statement. A `simple` one is all four at once.
 * Text is judged at `prepare`; parameters join at `bind`; `execute` is judged again each time, resumptions included.
 */
export type StatementPhase = "simple" | "prepare" | "bind" | "execute"

/** One thing that a client asked of a database: the text, its parameters, and what the analyser made of them. */
export interface Statement extends Operation {
  readonly text: string
  readonly phase: StatementPhase
  /** Set from `bind` on, in the order of `$1`, `$2`…; null is NULL. Views on the client's bytes: loans. */
  readonly parameters?: ReadonlyArray<Parameter>
  /** The verb of each statement in the text, as PostgreSQL's command tags spell it: `SELECT`, `CREATE TABLE`. */
  readonly tags: ReadonlyArray<string>
  /** What each result set that the text yields consists of, in order; statements without one are left out. */
  readonly results: ReadonlyArray<ResultShape>
  /** Every column that is used otherwise than as a bare output, and how. Empty when not resolved. */
  readonly uses: ReadonlyArray<ColumnUse>
  /** True when the text was replaced on its way: what the client asked stands in the exchange's `asked`. */
  readonly rewritten: boolean
  /**
   * The statement with each relation read through `projection`, for a `rewrite` hook to return: analysed, so that it
   * can be looked at first, and analysed again on its way. Undefined where a protocol cannot rewrite, or where nobody
   * has analysed. Later where that would hold up others: a hook then holds.
   */
  readonly project?: (projection: Projection) => Statement | Unprojected | Later<Statement | Unprojected>
  /** Tables of which a projection lets only some rows be read, by every path that the statement has to them. */
  readonly confined?: ReadonlyArray<ConfinedTable>
}

/** A bound parameter, as it came. */
export interface Parameter {
  readonly format: "text" | "binary"
  readonly value: Uint8Array | null
}

/** The predicted shape of one result set: checked against what the server describes, before any row leaves. */
export interface ResultShape {
  readonly columns: ReadonlyArray<Lineage>
  /** Set where it is proven that each row stands for many. */
  readonly aggregation?: Aggregation
  /** Set when the rows leave as COPY data. */
  readonly copy?: CopyFormat
}

/** How COPY writes rows (PostgreSQL manual, COPY). */
export interface CopyFormat {
  readonly format: "text" | "csv" | "binary"
  readonly delimiter: string
  readonly null: string
  readonly quote: string
  readonly escape: string
  readonly header: boolean
  /** Columns, by position, whose non-null values are always quoted (FORCE_QUOTE); `true` for all. */
  readonly forceQuote?: true | ReadonlyArray<number>
}
