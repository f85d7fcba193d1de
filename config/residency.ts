import type { PolicyDocument, Receipt } from "../core/plugin/index.ts"
import type { Matrix, MatrixDifference, MatrixOptions, Simulated } from "../plugins/residency/index.ts"
import type { AnyConfig } from "../core/protocol/index.ts"
import type { Path } from "./problem.ts"

/** What the file needs of the residency plugin: the schema of its section, and what makes sense in it. */
export interface ResidencyRoom {
  readonly section: AnyConfig
  /** What is wrong or doubtful with a policy whose section has decoded. Paths are from the file's root. */
  readonly examine: (
    policy: PolicyDocument,
    /** The keys of the services that the file has. */
    services: ReadonlyArray<string>
  ) => ReadonlyArray<ResidencyFinding>
  /** A receipt as a tree, for people. */
  readonly describe: (receipt: Receipt) => string
  /** All that a policy makes reachable. The policy has been examined: it compiles. */
  readonly matrix: (policy: PolicyDocument, options: Omit<MatrixOptions, "issuers" | "holdings">) => Matrix
  /** What is opened and closed on the way from one policy to another. */
  readonly difference: (
    old: PolicyDocument,
    next: PolicyDocument,
    options: Pick<MatrixOptions, "at" | "chains" | "progress">
  ) => MatrixDifference
  /** The receipt of recorded inputs under a recorded policy; undefined where that policy does not compile. */
  readonly rejudge: (policy: PolicyDocument, inputs: Recorded) => Receipt | undefined
  /** The same policy with nothing in shadow. */
  readonly enforced: (policy: PolicyDocument) => PolicyDocument
  /** What recorded inputs would get under another policy than the recorded one, at a time of the past. */
  readonly simulate: (
    policy: PolicyDocument,
    recorded: PolicyDocument,
    inputs: Recorded,
    at: number
  ) => Simulated | undefined
  /** What the data sets say of each table behind a pipeline. */
  readonly selections: (policy: PolicyDocument, pipeline: string) => (table: string) => ReadonlyArray<Selection>
}

/** One entry under a data set's `tables`. */
export interface Selection {
  readonly dataSet: string
  /** The table's name as the file has it; a `*` in it stands for anything. */
  readonly selector: string
  /** Column to kind. */
  readonly kinds: ReadonlyMap<string, string>
}

/** The engine's inputs as a ledger has them; their shape is the residency plugin's own. */
export type Recorded = Readonly<Record<string, unknown>>

export interface ResidencyFinding {
  readonly severity: "error" | "warning"
  readonly path: Path
  readonly message: string
  readonly remedy?: string
}
