import * as Effect from "effect/Effect"
import type { ColumnRef, Later, Projection, Statement, Unprojected } from "../../../../core/family/sql/index.ts"
import { Cache } from "../cache.ts"
import type { Examined } from "../examine.ts"
import { largeWithin } from "../session/large-texts.ts"
import type { Turn } from "../session/turn.ts"
import { inlineResultMax, project, type Projected, resultTooLong, type Surroundings } from "./project.ts"
import { RewrittenStatement } from "./rewritten-statement.ts"

/** The most texts of one session whose rewriting is kept: a prepared statement is judged again each time it runs. */
const keptTextsMax = 128
/** Longer texts are rewritten each time. In UTF-16 units. */
const keptCharactersMax = 16_384

/** A rewriting, and everything that it hangs on: what it asked of the projection, and was answered. */
interface Kept {
  readonly answers: ReadonlyArray<readonly [column: ColumnRef, mask: string | null | undefined]>
  readonly projected: Projected | Unprojected
}

/** A rewritten statement, and what it was found to touch. */
export interface ProjectedStatement {
  readonly statement: Statement
  readonly examined: Examined
}

/** What a projector works with. */
export interface ProjectorRoom {
  readonly around: Surroundings
  /** Is given what was found out about a rewritten text, which is about to be analysed again. */
  readonly keep: (text: string, examined: Examined) => void
  readonly turn: Turn
  /** Rewrites what would hold up everyone else. */
  readonly elsewhere: (text: string, projection: Projection) => Effect.Effect<Projected | Unprojected>
}

/** Rewrites the statements of one session, in the catalogue as it was when they were analysed. */
export class Projector {
  readonly #room: ProjectorRoom
  readonly #kept = new Cache<Kept>(keptTextsMax)

  constructor(room: ProjectorRoom) {
    this.#room = room
  }

  get snapshot(): Surroundings["snapshot"] {
    return this.#room.around.snapshot
  }

  project(
    statement: Statement,
    projection: Projection
  ): ProjectedStatement | Unprojected | Later<ProjectedStatement | Unprojected> {
    const { text } = statement
    const { mask, rows } = projection
    const known = this.#kept.find(text)
    if (known !== undefined && rows === undefined && known.answers.every(([ref, answer]) => mask?.(ref) === answer)) {
      return stated(statement, known.projected, projection)
    }
    return this.#inline(statement, projection) ?? this.#elsewhere(statement, projection)
  }

  /** Undefined where it would hold up everyone else. */
  #inline(statement: Statement, projection: Projection): ProjectedStatement | Unprojected | undefined {
    const { text } = statement
    const noted = new Noted(projection)
    const { around, turn } = this.#room
    const projected = turn.rewrite(text, () => project(text, around, noted.projection, inlineResultMax))
    return projected === undefined || projected === resultTooLong
      ? undefined
      : stated(statement, this.#keep(text, noted, projected), projection)
  }

  #elsewhere(statement: Statement, projection: Projection): Later<ProjectedStatement | Unprojected> {
    const { text } = statement
    const noted = new Noted(projection)
    return {
      _tag: "Later",
      reason: "a long statement is being rewritten",
      within: largeWithin,
      answer: (signal) =>
        Effect.runPromise(
          Effect.map(
            this.#room.elsewhere(text, noted.projection),
            (projected) => stated(statement, this.#keep(text, noted, projected), projection)
          ),
          { signal }
        )
    }
  }

  #keep(text: string, { answers, projection }: Noted, projected: Projected | Unprojected): Projected | Unprojected {
    if ("_tag" in projected) return projected
    this.#room.keep(projected.text, projected.examined)
    // What names a session gave decides what its statements mean, and which rows are read is not asked here.
    const isLasting = projection.rows === undefined && !projected.examined.sessional
    if (isLasting && text.length <= keptCharactersMax) this.#kept.keep(text, { answers, projected })
    return projected
  }
}

/** A projection, and the answers about columns that it gave. */
class Noted {
  readonly answers: Array<Kept["answers"][number]> = []
  readonly projection: Projection

  constructor(projection: Projection) {
    const { mask } = projection
    this.projection = mask === undefined ? projection : { ...projection, mask: (column) => this.#note(column, mask) }
  }

  #note(column: ColumnRef, mask: NonNullable<Projection["mask"]>): string | null | undefined {
    const answer = mask(column)
    this.answers.push([column, answer])
    return answer
  }
}

const stated = (
  statement: Statement,
  projected: Projected | Unprojected,
  { told }: Projection
): ProjectedStatement | Unprojected => {
  if ("_tag" in projected) return projected
  const { confined, examined, text } = projected
  return { statement: new RewrittenStatement(statement, text, confined, told === true), examined }
}
