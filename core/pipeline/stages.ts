import type { Family } from "../family/index.ts"

/** The stages of one session. (Being written on main: `Stages.connect(session, plugins)` and the judge, patch and note calls.) */
export class Stages<F extends Family = Family> {
  declare readonly family: F
}
