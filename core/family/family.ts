import type { Input } from "./input.ts"
import type { Operation } from "./operation.ts"
import type { Output, OutputRun } from "./output.ts"

/**
 * The vocabulary that a group of protocols shares: PostgreSQL and MySQL both speak `Sql`.
 *
 * Plugins are written against a family, never against a protocol, so that one masking plugin serves every database.
 * The four members that start with `~` exist for the type checker only.
 */
export interface Family<
  out Op extends Operation = Operation,
  out Out extends Output = Output,
  out In extends Input = Input,
  out Run extends OutputRun = OutputRun
> {
  readonly name: string
  readonly "~Operation": Op
  readonly "~Output": Out
  readonly "~Input": In
  readonly "~Run": Run
}

export type OperationOf<F extends Family> = F["~Operation"]
export type OutputOf<F extends Family> = F["~Output"]
export type InputOf<F extends Family> = F["~Input"]
export type RunOf<F extends Family> = F["~Run"]

/** Names a family: `const Sql = defineFamily<Statement, SqlOutput, CopyPiece>("sql")`. */
export const defineFamily = <
  Op extends Operation,
  Out extends Output = Output,
  In extends Input = Input,
  Run extends OutputRun = OutputRun
>(name: string): Family<Op, Out, In, Run> => ({ name }) as Family<Op, Out, In, Run>

/** The family of plugins that serve every protocol. */
export const Any = defineFamily<Operation>("any")
