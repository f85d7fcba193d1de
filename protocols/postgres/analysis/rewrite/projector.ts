import type { ColumnRef, Projection, Statement, Unprojected } from "../../../../core/family/sql/index.ts"
import { Cache } from "../cache.ts"
import type { Examined } from "../examine.ts"
import { project, type Projected, type Surroundings } from "./project.ts"
import { RewrittenStatement } from "./rewritten-statement.ts"

/** The most texts of one session whose rewriting is kept: a prepared statement is judged again each time it runs. */
const keptTextsMax = 128

/** A rewriting, and everything that it hangs on: what it asked of the projection, and was answered. */
interface Kept {
  readonly answers: ReadonlyArray<readonly [column: ColumnRef, mask: string | null | undefined]>
  readonly projected: Projected | Unprojected
}

/** Rewrites the statements of one session, in the catalogue as it was when they were analysed. */
export class Projector {
  readonly #around: Surroundings
  readonly #keep: (text: string, examined: Examined) => void
  readonly #kept = new Cache<Kept>(keptTextsMax)

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
    const projected = this.#projected(statement.text, projection)
    if ("_tag" in projected) return projected
    const { confined, examined, text } = projected
    return { statement: new RewrittenStatement(statement, text, confined, projection.told === true), examined }
  }

  #projected(text: string, projection: Projection): Projected | Unprojected {
    const { mask, rows } = projection
    const known = this.#kept.find(text)
    if (known !== undefined && rows === undefined && known.answers.every(([ref, answer]) => mask?.(ref) === answer)) {
      return known.projected
    }
    const answers: Array<Kept["answers"][number]> = []
    const asking = (column: ColumnRef): string | null | undefined => {
      const answer = mask?.(column)
      answers.push([column, answer])
      return answer
    }
    const projected = project(text, this.#around, mask === undefined ? projection : { ...projection, mask: asking })
    if (!("_tag" in projected)) this.#keep(projected.text, projected.examined)
    // What names a session gave decides what its statements mean, and which rows are read is not asked here.
    const isLasting = rows === undefined && !("_tag" in projected) && !projected.examined.sessional
    if (isLasting) this.#kept.keep(text, { answers, projected })
    return projected
  }
}
