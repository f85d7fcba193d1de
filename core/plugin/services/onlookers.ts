import * as Context from "effect/Context"
import type { Principal } from "../facts/principal.ts"

/** What someone would be shown: data sets as receipts name them, of what is behind one pipeline. */
export interface Sight {
  readonly pipeline: string
  readonly dataSets: ReadonlyArray<string>
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Whom the policy lets look at data that they did not ask for: who approves, and where a message about it goes. */
export class Onlookers extends Context.Service<Onlookers, {
  /** Why this person may not see it, in words that may be shown; undefined: they may. Machines never may. */
  readonly refusal: (onlooker: Principal, sight: Sight) => string | undefined
  /** The same for whatever is at `place`, whoever reads it there. */
  readonly refusalAt: (place: string, sight: Sight) => string | undefined
}>()("sluice/services/Onlookers") {}
