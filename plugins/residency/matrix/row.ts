import type { Decision, Obligation, OperationKind, ReceiptSink } from "../../../core/index.ts"

/** How an operation of some kind touches a data set. */
export type Access = "read" | "written"

/** What one sink gets to see, and on what ground. */
export interface MatrixSink extends ReceiptSink {
  readonly outcome: Decision
  /** The transfer, exception or word of the data set that it rests on; undefined at home. */
  readonly cites?: string
}

/** One question and its answer: may this party, here, do this with that data set? Keys are spelt as in receipts. */
export interface MatrixRow {
  readonly party: string
  /** The caller's place. */
  readonly at: string
  /** The place of its model, where it has one. */
  readonly model?: string
  /** The agent through which it acts. */
  readonly through?: string
  readonly through_at?: string
  readonly pipeline: string
  /** `unclassified` for what is in no data set; `everything` for what could not be resolved. */
  readonly data_set: string
  readonly operation: OperationKind
  readonly access: Access
  /** Where every column that is shown comes masked, which alone makes it possible. */
  readonly seen?: "masked"
  /** Homes of rows, where only rows of one of these can be had, by a statement that is confined to them. */
  readonly rows?: ReadonlyArray<string>
  /** The server that the upstream is made to talk to. */
  readonly endpoint?: string
  readonly decision: Decision
  readonly code?: string
  /** What the pipeline makes of it. */
  readonly outcome: Decision
  readonly outcome_code?: string
  readonly sinks: ReadonlyArray<MatrixSink>
  readonly obligations: ReadonlyArray<Obligation>
  /** Rules that look at more than the party, and refuse some of those that it stands for. */
  readonly unless?: ReadonlyArray<string>
}

/** What a row asks, without what is answered: the same in the matrices of two files. */
export const questionOf = (row: MatrixRow): string =>
  [
    row.party,
    row.at,
    row.model,
    row.through,
    row.through_at,
    row.pipeline,
    row.data_set,
    row.operation,
    row.access,
    row.endpoint
  ].join("\0")

const strictness: Readonly<Record<Decision, number>> = { allow: 0, mask: 1, approve: 2, deny: 3 }

/** What comes of an operation for the data: what is allowed because it is only seen masked, counts as masked. */
export const reachOf = ({ outcome, seen }: Pick<MatrixRow, "outcome" | "seen">): Decision =>
  outcome === "allow" && seen === "masked" ? "mask" : outcome

/** Whether `a` lets more through than `b`. */
export const opensMore = (a: Pick<MatrixRow, "outcome" | "seen">, b: Pick<MatrixRow, "outcome" | "seen">): boolean =>
  strictness[reachOf(a)] < strictness[reachOf(b)]

/** Whether the operation, or a masked or approved form of it, can take place. */
export const isReachable = ({ outcome }: Pick<MatrixRow, "outcome">): boolean => outcome !== "deny"
