import type { Spool } from "../plugin/index.ts"

/** How long what was recorded may take to be written before it is given up, in milliseconds. */
export const SPOOL_WAIT_MILLISECONDS = 10_000

/** *Intent before effect*: whether everything that was recorded so far is written, and a call when it is. */
export class Written {
  private readonly spools: ReadonlyArray<Spool>
  private resumes: Array<() => void> = []

  constructor(spools: ReadonlyArray<Spool>) {
    this.spools = spools
  }

  get all(): boolean {
    for (const spool of this.spools) if (spool.pending > 0) return false
    return true
  }

  /** Why nothing can be recorded now, or undefined. */
  get trouble(): string | undefined {
    for (const spool of this.spools) if (spool.trouble !== undefined) return spool.trouble
    return undefined
  }

  /** Calls `resume`, once, when nothing is pending any more. */
  whenAll(resume: () => void): void {
    this.resumes.push(resume)
    if (this.resumes.length === 1) this.watch()
  }

  private watch(): void {
    const pending = this.spools.find((spool) => spool.pending > 0)
    if (pending !== undefined) return pending.whenWritten(() => this.watch())
    const due = this.resumes
    this.resumes = []
    for (const resume of due) resume()
  }
}
