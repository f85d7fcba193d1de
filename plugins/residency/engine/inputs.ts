import type { Evidence, Identity, OperationKind, Resource } from "../../../core/index.ts"

/** The caller as the engine needs it: `Principal` without what ages. */
export interface InputPrincipal extends Identity {
  readonly actors: ReadonlyArray<Identity>
  readonly evidence: Evidence
}

export interface InputOperation {
  readonly kind: OperationKind
  readonly reads: ReadonlyArray<Resource>
  readonly writes: ReadonlyArray<Resource>
  readonly resolved: boolean
  readonly unresolved?: string
}

/** How a data set was seen: as it is, only behind masks that were proven, or only as counts, sums and averages. */
export type Form = "clear" | "masked" | "aggregate"

/** Something that a run has seen, and when: where, by which operation of which session. */
export interface Atom {
  readonly data_set: string
  readonly form: Form
  /** The place of the upstream that it came from. */
  readonly from: string
  /** The homes of the rows that were seen, where rows have homes of their own; left out: any. */
  readonly homes?: ReadonlyArray<string>
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly pipeline: string
  readonly session: string
  readonly exchange: number
  /** The label that it was inherited from; undefined where the run's own operation touched the data set. */
  readonly of?: string
}

/** What of an operation is the caller's own words: values in its text and parameters, in bytes. */
export interface Literals {
  /** Bytes of those that this run has not sent before. */
  readonly bytes: number
  /** The longest one. */
  readonly longest: number
  /** Bytes that the run has sent so far, in operations that were let through for their brevity. */
  readonly spent: number
}

/** What the caller's run has seen so far. */
export interface InputTaint {
  /** The run, or the agent where no run is known. */
  readonly run: string
  readonly atoms: ReadonlyArray<Atom>
  /** What clings to the stores that a move ships away. */
  readonly shipped?: ReadonlyArray<Atom>
  /** Undefined where it is not known what in the operation is the caller's own: then all of it is. */
  readonly literals?: Literals
  /** The last time that an owner emptied the label. */
  readonly reset?: { readonly at: number; readonly by: string; readonly reason: string }
}

/** A capped transfer's count for one data set and one recipient; `*` where the cap is for all of them. */
export interface Spent {
  readonly transfer: string
  readonly data_set: string
  readonly recipient: string
  /** `cap`: as many people as the cap says have left. `twice`: twice as many. */
  readonly level: "cap" | "twice"
}

/**
 * Everything that the engine knows besides the policy. Plain JSON, so that whoever stored it can run the engine again
 * and compare receipts.
 */
export interface Inputs {
  readonly pipeline: string
  readonly principal: InputPrincipal
  readonly operation: InputOperation
  /**
   * How each data set is seen by this operation's reads. `masked`: no column of it is used in clear in any position and
   * at least one is shown. `aggregate`: nothing of it is shown but what stands for as many rows as the data set
   * asks for. What is not listed is seen in clear.
   */
  readonly seen: Readonly<Record<string, Form>>
  /** The homes that rows can have, by data set, where the statement reads no others. Left out where it may read any. */
  readonly homes?: Readonly<Record<string, ReadonlyArray<string>>>
  /**
   * The homes of the rows that the statement writes, by data set, where it writes them out itself and each has one.
   * None for what is only prepared. Left out where a row of any home may be written.
   */
  readonly written?: Readonly<Record<string, ReadonlyArray<string>>>
  /** Caps that are reached, of the transfers that may matter here. Left out when there are none. */
  readonly spent?: ReadonlyArray<Spent>
  /** Left out while the label is empty. */
  readonly taint?: InputTaint
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The plugin's own mode, where it is not the pipeline's. */
  readonly mode?: "enforce" | "shadow"
}
