import type { Hold } from "../exchange/index.ts"

/**
 * A judgement that waits. Whoever drives it waits for `hold`, hands the answer to `resume`, and gets the judgement or
 * the next thing to wait for: so the pipeline itself runs no effect and keeps no clock.
 */
export interface Held<A, B = A> {
  readonly _tag: "Held"
  readonly hold: Hold<B>
  resume(answer: B): A | Held<A, any>
}

export const held = <A, B>(hold: Hold<B>, resume: (answer: B) => A | Held<A, any>): Held<A, B> => ({
  _tag: "Held",
  hold,
  resume
})
