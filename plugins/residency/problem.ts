/** Something that is wrong, or doubtful, in the operator's file. */
export interface Problem {
  /** An error keeps the policy from being used; a warning is only shown. */
  readonly severity: "error" | "warning"
  /** The way into the file, from its root: `["residency", "transfers", 0, "to"]`. */
  readonly path: ReadonlyArray<string | number>
  /** What is wrong. */
  readonly message: string
  /** What to do about it. */
  readonly remedy: string
}

/** Where the compiling rooms put what they find. */
export class Problems {
  readonly list: Array<Problem> = []

  error(path: Problem["path"], message: string, remedy: string): void {
    this.list.push({ severity: "error", path, message, remedy })
  }

  warn(path: Problem["path"], message: string, remedy: string): void {
    this.list.push({ severity: "warning", path, message, remedy })
  }

  get failed(): boolean {
    return this.list.some((problem) => problem.severity === "error")
  }
}
