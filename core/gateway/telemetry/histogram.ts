/** Upper bounds of the buckets of a decision's duration, in seconds: from a cached verdict to a person's approval. */
export const DECISION_BOUNDS: ReadonlyArray<number> = [
  0.00001,
  0.000025,
  0.00005,
  0.0001,
  0.00025,
  0.0005,
  0.001,
  0.005,
  0.025,
  0.1,
  0.5,
  2.5,
  10,
  60,
  900
]

/** A histogram of plain numbers. `record` takes some nanoseconds and allocates nothing. */
export class Histogram {
  readonly bounds: ReadonlyArray<number>
  /** One more than there are bounds: the last counts what is above all of them. */
  readonly counts: Array<number>
  sum = 0
  count = 0

  constructor(bounds: ReadonlyArray<number>) {
    this.bounds = bounds
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  record(value: number): void {
    const { bounds } = this
    let at = 0
    while (at < bounds.length && value > bounds[at]!) at++
    this.counts[at]!++
    this.sum += value
    this.count++
  }
}
