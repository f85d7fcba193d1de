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
  /** The receipt of recorded inputs under a recorded policy; undefined where that policy does not compile. */
  readonly rejudge: (policy: PolicyDocument, inputs: Recorded) => Receipt | undefined
}

/** The engine's inputs as a ledger has them; their shape is the residency plugin's own. */
export type Recorded = Readonly<Record<string, unknown>>

export interface ResidencyFinding {
  readonly severity: "error" | "warning"
  readonly path: Path
  readonly message: string
  readonly remedy?: string
}
