import type { OperationKind, Resource } from "../../../core/family/index.ts"
import type { InsertedPlaces } from "./effects/inserted-places.ts"
import type { ColumnUse, ResultShape } from "../../../core/family/sql/index.ts"

/** What an analysis found out about a text, whoever asks it. Plain data, so that it can come from another thread. */
export interface Finding {
  readonly kind: OperationKind
  readonly reads: ReadonlyArray<Resource>
  readonly writes: ReadonlyArray<Resource>
  /** Why not everything that the text touches is known; undefined when it is. */
  readonly unresolved: string | undefined
  readonly tags: ReadonlyArray<string>
  readonly results: ReadonlyArray<ResultShape>
  readonly uses: ReadonlyArray<ColumnUse>
  /** Where the values of the rows stand that the text puts into a table, if it does no more. */
  readonly inserted?: InsertedPlaces | undefined
}

/** A finding that says no more than why there is none. */
export const unknownFinding = (reason: string): Finding => ({
  kind: "unknown",
  reads: [],
  writes: [],
  unresolved: reason,
  tags: [],
  results: [],
  uses: []
})
