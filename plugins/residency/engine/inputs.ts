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
   * at least one is shown. What is not listed is seen in clear.
   */
  readonly seen: Readonly<Record<string, "clear" | "masked">>
  /** The homes that rows can have, by data set, where the statement reads no others. Left out where it may read any. */
  readonly homes?: Readonly<Record<string, ReadonlyArray<string>>>
  /** Caps that are reached, of the transfers that may matter here. Left out when there are none. */
  readonly spent?: ReadonlyArray<Spent>
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The plugin's own mode, where it is not the pipeline's. */
  readonly mode?: "enforce" | "shadow"
}
