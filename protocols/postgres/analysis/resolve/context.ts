import type { Snapshot } from "../catalogue/snapshot.ts"
import { unresolved } from "../unresolved.ts"
import type { Footprint } from "./footprint.ts"

/** What the resolution of one query needs to know. */
export interface Context {
  readonly snapshot: Snapshot
  /** Where unqualified names are looked for. Views and functions bring their own. */
  readonly path: ReadonlyArray<string>
  readonly footprint: Footprint
  /** How many views and functions stand around this query. */
  readonly depth: number
  /** Foreign keys on the way here, so that one that leads back to itself ends. */
  readonly cascades?: ReadonlySet<string>
}

/** The deepest nesting of views and functions that is followed. */
const depthMax = 16

/** The context inside a view's or function's definition. */
export const within = (context: Context, path: ReadonlyArray<string>): Context => {
  if (context.depth >= depthMax) return unresolved("views or functions nest too deeply")
  return { ...context, path, depth: context.depth + 1 }
}
