/**
 * How much is done for one text on the thread that serves everybody; more is done in another. In steps, of which a
 * thousand take about a millisecond in a process that has just started: see `guard/work.ts`.
 */
export interface Bounds {
  /** Longer texts are not even scanned here. In UTF-16 units. */
  readonly charactersMax: number
  readonly examineSteps: number
  /** For rewriting it, which comes on top. */
  readonly rewriteSteps: number
  /** Once so much was done in one turn of the event loop, whoever else has work waits for the next. */
  readonly turnSteps: number
}

export const usualBounds: Bounds = { charactersMax: 8192, examineSteps: 12_000, rewriteSteps: 8000, turnSteps: 6000 }
