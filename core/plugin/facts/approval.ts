import { defineFact } from "../fact.ts"

/** By whose word an operation runs that needed somebody's. */
export interface Approval {
  /** The request that was approved, or the grant that covers it. */
  readonly id: string
  readonly by: ReadonlyArray<string>
}

/** Set by `approval` once people have said yes, for whoever records. */
export const Approval = defineFact<Approval>()("sluice/approval")
