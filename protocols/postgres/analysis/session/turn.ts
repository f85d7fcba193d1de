import * as Effect from "effect/Effect"
import { within } from "../guard/work.ts"

/** The most work for one text on the thread that serves everybody, in steps. More is done in another thread. */
export const inlineSteps = 12_000
/** The same for rewriting one, which comes on top. */
export const rewritingSteps = 8000

/** Once so much was done in one turn of the event loop, whoever else has work waits for the next. */
const turnSteps = 6000
/** What every text costs on its way, whatever it is: what is not counted as work. */
const textSteps = 100

/** The work of one turn of the event loop, for all sessions together. */
export class Turn {
  #steps = 0

  get isFull(): boolean {
    return this.#steps > turnSteps
  }

  /** Does what may cost `steps`; undefined where that was not enough. */
  work<A>(steps: number, body: () => A): A | undefined {
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
