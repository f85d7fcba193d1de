/**
 * How much may still be done for the text that is being examined, in steps: one is some microsecond of a processor that
 * sees this code for the first time. An examination runs to its end without a pause, so a thread has at most one.
 */
let left = Number.POSITIVE_INFINITY
let spent = 0

/** What a token costs to parse, and its piece of the tree to read from JSON. */
export const TOKEN_STEPS = 3

/** Thrown past everything that catches what is not understood: nothing is wrong with the text. */
class TooMuch extends Error {}

const tooMuch = new TooMuch("more work than was allowed")

/** Counts work about to be done. Throws where it is more than `within` allowed. */
export const spend = (steps: number): void => {
  spent += steps
  left -= steps
  if (left < 0) throw tooMuch
}

/** What `body` cost, and what it answered; undefined where it was given up after `steps`. */
export interface Worked<A> {
  readonly answer: A | undefined
  readonly steps: number
}

/** Runs `body`, which may cost `steps` and no more. What it began and did not finish is lost. */
export const within = <A>(steps: number, body: () => A): Worked<A> => {
  const outer = { left, spent }
  left = Math.min(steps, left)
  spent = 0
  try {
    return { answer: body(), steps: spent }
  } catch (error) {
    if (error !== tooMuch || outer.left < spent) throw error
    return { answer: undefined, steps: spent }
  } finally {
    left = outer.left - spent
    spent = outer.spent + spent
  }
}

/** Whether an error says that the work was too much: for whoever catches everything else. */
export const isTooMuch = (error: unknown): boolean => error === tooMuch
