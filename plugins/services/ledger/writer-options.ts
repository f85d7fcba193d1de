/** How a writer writes. */
export interface WriterOptions {
  readonly sync: "interval" | "before_forward"
  readonly syncMilliseconds: number
  readonly segmentBytesMax: number
  /** Characters that may wait for the disk before records are refused. */
  readonly waitingMax: number
  /** How long to wait before what failed is tried again. */
  readonly retryMilliseconds: number
  /** Least time between two checkpoints. */
  readonly checkpointMilliseconds: number
}
