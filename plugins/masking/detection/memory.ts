import type { Column, ColumnRef } from "../../../core/family/sql/index.ts"
import { Learner } from "./learner.ts"

/** Columns that are being learned, or that nothing was found in: the least recently asked for are forgotten. */
const LEARNERS_MOST = 512
/** Columns of which it is known what they hold. Beyond it no more are kept; each is then learned anew. */
const DECISIONS_MOST = 65_536

/** What was decided of a column: its kind, and which column of that name it was. */
export interface Decided {
  readonly kind: string
  /** The relation's and the attribute's number, where the server gave them. */
  readonly origin?: string
}

/**
 * What undeclared columns hold, for all sessions: what one statement has taught, the next one knows from its
 * first row. A column is known by its pipeline, name and type; where the server says that the name now stands for
 * another relation, it is learned anew.
 */
export class Memory {
  private readonly learners = new Map<string, { readonly origin: string | undefined; readonly learner: Learner }>()
  private readonly decisions: Map<string, Decided>
  private unsaved = new Map<string, Decided>()

  constructor(decided: Iterable<readonly [key: string, decided: Decided]> = []) {
    this.decisions = new Map(decided)
  }

  /** The learner of a column of a table; of anything else, one that is forgotten with its result. */
  learner(pipeline: string, ref: ColumnRef | undefined, column: Column): Learner {
    const { name, origin: from, valueType } = column
    if (ref === undefined) return new Learner({ name, type: valueType.name }, () => {})
    const key = JSON.stringify([pipeline, ref.table, ref.column, valueType.name])
    const origin = from === undefined ? undefined : `${from.tableOid}.${from.attribute}`
    const found = this.learners.get(key)
    this.learners.delete(key)
    const learner = found !== undefined && isSame(found.origin, origin)
      ? found.learner
      : this.begin(key, { name: ref.column, type: valueType.name }, origin)
    this.learners.set(key, { learner, origin: origin ?? found?.origin })
    const [oldest] = this.learners.keys()
    if (this.learners.size > LEARNERS_MOST && oldest !== undefined) this.learners.delete(oldest)
    return learner
  }

  /** What was decided since it was last asked for. */
  takeUnsaved(): ReadonlyMap<string, Decided> {
    const taken = this.unsaved
    this.unsaved = new Map()
    return taken
  }

  /** What could not be saved is saved next time. */
  giveBack(decisions: ReadonlyMap<string, Decided>): void {
    this.unsaved = new Map([...decisions, ...this.unsaved])
  }

  private begin(key: string, known: { readonly name: string; readonly type: string }, origin: string | undefined) {
    const learner = new Learner(known, (kind) => this.keep(key, origin === undefined ? { kind } : { kind, origin }))
    const decided = this.decisions.get(key)
    if (decided !== undefined && isSame(decided.origin, origin)) learner.settle(decided.kind)
    return learner
  }

  private keep(key: string, decided: Decided): void {
    if (this.decisions.size >= DECISIONS_MOST && !this.decisions.has(key)) return
    this.decisions.set(key, decided)
    this.unsaved.set(key, decided)
  }
}

/** COPY does not say which relation it reads: then the name counts. */
const isSame = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one === other
