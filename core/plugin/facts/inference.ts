import { defineFact } from "../fact.ts"

/** That an operation compares protected values in clear, as the operator allowed: its rows tell of them. */
export interface Inference {
  /** The columns, as `schema.table.column`. */
  readonly columns: ReadonlyArray<string>
  /** How many operations of this session have asked for that, this one included. */
  readonly count: number
}

/** Set by `masking` in `inspect`, for operations that compare. */
export const Inference = defineFact<Inference>()("sluice/inference")
