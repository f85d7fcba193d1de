import type { OperationKind, Resource } from "../../../core/family/index.ts"
import type { ColumnUse, Parameter, ResultShape, Statement, StatementPhase } from "../../../core/family/sql/index.ts"
import type { Finding } from "./finding.ts"

/** A statement and what the analysis found. The finding is shared by every exchange with the same text. */
export class AnalysedStatement implements Statement {
  readonly #asked: Statement
  readonly #finding: Finding

  constructor(asked: Statement, finding: Finding) {
    this.#asked = asked
    this.#finding = finding
    if (asked.parameters !== undefined) this.parameters = asked.parameters
    if (finding.unresolved !== undefined) this.unresolved = finding.unresolved
  }

  declare readonly parameters?: ReadonlyArray<Parameter>
  declare readonly unresolved?: string

  get text(): string {
    return this.#asked.text
  }
  get phase(): StatementPhase {
    return this.#asked.phase
  }
  get rewritten(): boolean {
    return this.#asked.rewritten
  }
  get digest(): string {
    return this.#asked.digest
  }
  get summary(): string {
    return this.#asked.summary
  }
  get kind(): OperationKind {
    return this.#finding.kind
  }
  get reads(): ReadonlyArray<Resource> {
    return this.#finding.reads
  }
  get writes(): ReadonlyArray<Resource> {
    return this.#finding.writes
  }
  get resolved(): boolean {
    return this.#finding.unresolved === undefined
  }
  get tags(): ReadonlyArray<string> {
    return this.#finding.tags
  }
  get results(): ReadonlyArray<ResultShape> {
    return this.#finding.results
  }
  get uses(): ReadonlyArray<ColumnUse> {
    return this.#finding.uses
  }
}
