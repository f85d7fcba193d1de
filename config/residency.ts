import type { PolicyDocument, Receipt } from "../core/plugin/index.ts"
import type { AnyConfig } from "../core/protocol/index.ts"
import type { Path } from "./problem.ts"

/** What the file needs of the residency plugin: the schema of its section, and what makes sense in it. */
export interface ResidencyRoom {
  readonly section: AnyConfig
  /** What is wrong or doubtful with a policy whose section has decoded. Paths are from the file's root. */
  readonly examine: (policy: PolicyDocument) => ReadonlyArray<ResidencyFinding>
  /** A receipt as a tree, for people. */
  readonly describe: (receipt: Receipt) => string
}

export interface ResidencyFinding {
  readonly severity: "error" | "warning"
  readonly path: Path
  readonly message: string
  readonly remedy?: string
}
