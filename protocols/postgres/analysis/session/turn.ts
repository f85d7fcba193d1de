import * as Effect from "effect/Effect"
import { within } from "../guard/work.ts"
import { type Bounds, usualBounds } from "./bounds.ts"

/** What every text costs on its way, whatever it is, beside what is counted as work. */
const textSteps = 100

/** The work of one turn of the event loop, for all sessions together. */
export class Turn {
  readonly #bounds: Bounds
  #steps = 0

  constructor(bounds = usualBounds) {
    this.#bounds = bounds
  }

  get isFull(): boolean {
    return this.#steps > this.#bounds.turnSteps
  }

  /** Examines `text`; undefined where that takes more than may be done here. */
  examine<A>(text: string, body: () => A): A | undefined {
    return this.#work(text, this.#bounds.examineSteps, body)
  }

  /** The same for rewriting it. */
  rewrite<A>(text: string, body: () => A): A | undefined {
    return this.#work(text, this.#bounds.rewriteSteps, body)
  }

  #work<A>(text: string, steps: number, body: () => A): A | undefined {
    if (text.length > this.#bounds.charactersMax) return undefined
    if (this.#steps === 0) setImmediate(() => this.#steps = 0)
    const worked = within(steps, body)
    this.#steps += worked.steps + textSteps
    return worked.answer
  }

  /** The next turn. */
  readonly next: Effect.Effect<void> = Effect.callback((resume) => {
    const waiting = setImmediate(() => resume(Effect.void))
    return Effect.sync(() => clearImmediate(waiting))
  })
}
