import type { Projection, Statement, Unprojected } from "../../../../core/family/sql/index.ts"
import type { Examined } from "../examine.ts"
import { project, type Projected, type Surroundings } from "./project.ts"
import { RewrittenStatement } from "./rewritten-statement.ts"

/** Rewrites the statements of one session, in the catalogue as it was when they were analysed. */
export class Projector {
  readonly #around: Surroundings
  readonly #keep: (text: string, examined: Examined) => void

  /** `keep` is given what was found out about a rewritten text, which is about to be analysed again. */
  constructor(around: Surroundings, keep: (text: string, examined: Examined) => void) {
    this.#around = around
    this.#keep = keep
  }

  get snapshot(): Surroundings["snapshot"] {
    return this.#around.snapshot
  }

  project(
    statement: Statement,
    projection: Projection
  ): { readonly statement: Statement; readonly examined: Examined } | Unprojected {
    const projected: Projected | Unprojected = project(statement.text, this.#around, projection)
    if ("_tag" in projected) return projected
    const { confined, examined, text } = projected
    this.#keep(text, examined)
    return { statement: new RewrittenStatement(statement, text, confined, projection.told === true), examined }
  }
}
