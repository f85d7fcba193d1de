import type { OperationKind, Resource } from "../../../core/family/index.ts"
import type {
  ColumnUse,
  ConfinedTable,
  Later,
  Parameter,
  Projection,
  ResultShape,
  Statement,
  StatementPhase,
  Unprojected
} from "../../../core/family/sql/index.ts"
import type { Finding } from "./finding.ts"
import { unprojected } from "./rewrite/project.ts"
import type { ProjectedStatement, Projector } from "./rewrite/projector.ts"

const NONE: ReadonlyArray<never> = Object.freeze([])

/** A statement and what the analysis found. The finding is shared by every exchange with the same text. */
export class AnalysedStatement implements Statement {
  readonly #asked: Statement
  readonly #finding: Finding
  readonly #projector: Projector | undefined

  /** Without a projector the statement cannot be rewritten: nobody knows in which catalogue. */
  constructor(asked: Statement, finding: Finding, projector?: Projector) {
    this.#asked = asked
    this.#finding = finding
    this.#projector = projector
    if (asked.parameters !== undefined) this.parameters = asked.parameters
    if (finding.unresolved !== undefined) this.unresolved = finding.unresolved
  }

  declare readonly parameters?: ReadonlyArray<Parameter>
  declare readonly unresolved?: string

  project(projection: Projection): Statement | Unprojected | Later<Statement | Unprojected> {
    const why = this.unresolved ?? (this.#projector === undefined ? "its catalogue is not known" : undefined)
    if (why !== undefined || this.#projector === undefined) {
      return unprojected(why ?? "", "Spell the statement out in plain SQL.")
    }
    const projector = this.#projector
    const analysed = (projected: ProjectedStatement | Unprojected): Statement | Unprojected =>
      "_tag" in projected
        ? projected
        : new AnalysedStatement(projected.statement, projected.examined.finding, projector)
    const projected = projector.project(this.#asked, projection)
    if (!("_tag" in projected) || projected._tag === "Unprojected") return analysed(projected)
    return { ...projected, answer: async (signal) => analysed(await projected.answer(signal)) }
  }

  get text(): string {
    return this.#asked.text
  }
  get phase(): StatementPhase {
    return this.#asked.phase
  }
  get rewritten(): boolean {
    return this.#asked.rewritten
  }
  get confined(): ReadonlyArray<ConfinedTable> {
    return this.#asked.confined ?? NONE
  }
  get note(): string | undefined {
    return this.#asked.note
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
