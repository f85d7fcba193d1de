/** Where something was found. `index` counts the file's entries from 0. */
export interface Found {
  readonly file: string
  readonly index: number
  readonly offset: number
  readonly message: string
}

/** What verification found. Findings are what a crash or a running gateway leaves; failures are what neither does. */
export interface Report {
  readonly ok: boolean
  readonly origin: string | undefined
  readonly records: number
  readonly segments: number
  readonly checkpoints: number
  /** Records that no signed checkpoint covers yet. */
  readonly unsigned: number
  /** Segments that were deleted, with a stub left. */
  readonly deleted: number
  readonly openSessions: ReadonlyArray<string>
  /** When the last checkpoint was signed. */
  readonly lastCheckpoint: string | undefined
  readonly findings: ReadonlyArray<Found>
  readonly failures: ReadonlyArray<Found>
}

/** How far a verification is. */
export interface Progress {
  readonly segment: number
  readonly segments: number
  readonly records: number
}
