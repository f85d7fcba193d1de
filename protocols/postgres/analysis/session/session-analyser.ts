import * as Effect from "effect/Effect"
import {
  type Exchange,
  type Hold,
  hold,
  type Outcome,
  type PluginError,
  pluginError,
  type TransactionStatus
} from "../../../../core/exchange/index.ts"
import type { Sql, Statement } from "../../../../core/family/sql/index.ts"
import type { Analyser } from "../../../../core/protocol/index.ts"
import { AnalysedStatement } from "../analysed-statement.ts"
import type { Snapshot } from "../catalogue/snapshot.ts"
import type { CatalogueSource } from "../catalogue/source.ts"
import { examine, type Examined } from "../examine.ts"
import { type Finding, unknownFinding } from "../finding.ts"
import { Projector } from "../rewrite/projector.ts"
import type { Consequence } from "../session-names.ts"
import { type LargeText, largeWithin } from "./large-texts.ts"
import { Names } from "./names.ts"
import { Overlay } from "./overlay.ts"
import type { Shared } from "./shared.ts"

/** How long a statement may wait for the catalogue, in milliseconds. */
const refreshWithin = 2000

/** The most exchanges whose outcome is awaited; the codec's own limit is lower. */
const pendingMax = 1024

/**
 * Follows one session: what it has named, what it has defined and not yet committed, and what is still under way.
 *
 * A definition is believed only once its exchange has settled well. Until then, whatever could depend on it is
 * unresolved; names that PREPARE or DECLARE gives are treated alike. When the transaction ends, what it defined is
 * either in the catalogue or gone, so the next statement waits until the catalogue was looked at again.
 */
export class SessionAnalyser implements Analyser<Sql> {
  readonly settings: ReadonlyMap<string, string>
  readonly #source: CatalogueSource
  readonly #shared: Shared
  readonly #client: string
  readonly #names = new Names()
  readonly #overlay: Overlay
  readonly #pending = new Map<number, ReadonlyArray<Consequence>>()
  #projector: Projector | undefined
  #pendingDefinitions = 0
  #stale = false

  /** `client` is who takes turns with others where long statements wait. */
  constructor(source: CatalogueSource, shared: Shared, client: string) {
    this.#client = client
    this.#source = source
    this.#shared = shared
    this.settings = source.settings
    this.#overlay = new Overlay(source.live)
  }

  analyse(asked: Exchange<Sql>): Statement | Hold<Statement> {
    const statement = asked.operation
    const base = this.#stale ? undefined : this.#source.fresh()
    if (base !== undefined) return this.#judge(asked.id, statement, base)
    return hold({
      reason: "the upstream's definitions are being read again",
      within: refreshWithin + largeWithin,
      until: Effect.flatMap(this.#refreshed, (snapshot) => {
        this.#stale = false
        return settled(this.#judge(asked.id, statement, snapshot))
      })
    })
  }

  get #refreshed(): Effect.Effect<Snapshot, PluginError> {
    return Effect.timeoutOrElse(this.#source.refreshed, {
      duration: refreshWithin,
      orElse: () => Effect.fail(pluginError("postgres", "The upstream's definitions could not be read in time."))
    })
  }

  settle(exchange: Exchange<Sql>, outcome: Outcome): void {
    const consequences = this.#pending.get(exchange.id)
    if (consequences === undefined) return
    this.#pending.delete(exchange.id)
    const done = outcome.result === "completed"
    for (const consequence of consequences) this.#believe(consequence, done)
  }

  ready(transaction: TransactionStatus): void {
    if (transaction !== "idle" || !this.#overlay.transactionEnded()) return
    this.#stale = this.#source.live
    // Whether it was committed is not known; every session that would go by it looks again.
    this.#source.moved()
  }

  #believe(consequence: Consequence, done: boolean): void {
    switch (consequence._tag) {
      case "Define":
        this.#pendingDefinitions--
        this.#overlay.define(consequence.statement, done)
        return
      case "RollbackTo":
        this.#overlay.rolledBackTo()
        return
      case "Lose":
        this.#pendingDefinitions--
        if (done) this.#overlay.lose()
        return
      case "Discard":
        if (!done) return
        this.#overlay.discard()
        this.#names.clear()
        return
      default:
        this.#names.settle(consequence, done)
    }
  }

  #judge(id: number, statement: Statement, base: Snapshot): Statement | Hold<Statement> {
    const { text } = statement
    const snapshot = this.#overlay.plain ? base : this.#overlay.over(base)
    const known = snapshot === undefined ? undefined : this.#shared.find(snapshot, text)
    if (known !== undefined) return this.#answer(id, statement, known, base, snapshot)
    const { turn } = this.#shared
    if (turn.isFull) {
      return hold({
        reason: "other statements are being analysed",
        within: largeWithin,
        until: Effect.flatMap(turn.next, () => settled(this.#judge(id, statement, base)))
      })
    }
    const examined = turn.examine(text, () => examine(text, snapshot ?? base, this.#names, this.#source.major))
    if (examined === undefined) return this.#elsewhere(id, statement, base, snapshot)
    return this.#found(id, statement, examined, base, snapshot)
  }

  /** In a thread of its own: what would hold up everyone else. */
  #elsewhere(id: number, statement: Statement, base: Snapshot, snapshot: Snapshot | undefined): Hold<Statement> {
    return hold({
      reason: "a long statement is being analysed",
      within: largeWithin,
      until: Effect.map(
        this.#shared.large.examine(this.#large(statement.text, base, snapshot)),
        (examined) => this.#found(id, statement, examined, base, snapshot)
      )
    })
  }

  #large(text: string, base: Snapshot, snapshot: Snapshot | undefined): LargeText {
    const definitions = snapshot === undefined || snapshot === base ? [] : [...this.#overlay.definitions]
    return { text, snapshot: base, definitions, major: this.#source.major, client: this.#client }
  }

  #found(
    id: number,
    statement: Statement,
    examined: Examined,
    base: Snapshot,
    snapshot: Snapshot | undefined
  ): Statement {
    if (snapshot === undefined) return this.#answer(id, statement, unfollowed(examined), base, undefined)
    this.#shared.keep(snapshot, statement.text, examined)
    return this.#answer(id, statement, examined, base, snapshot)
  }

  #answer(
    id: number,
    statement: Statement,
    examined: Examined,
    base: Snapshot,
    snapshot: Snapshot | undefined
  ): Statement {
    const finding = this.#pendingDefinitions > 0 ? blurred(examined.finding) : examined.finding
    const projector = snapshot === undefined ? undefined : this.#projectorFor(snapshot, base)
    if (examined.consequences.length > 0 && (statement.phase === "simple" || statement.phase === "execute")) {
      this.#await(id, examined.consequences)
    }
    return new AnalysedStatement(statement, finding, projector)
  }

  /** The same one as long as the catalogue is the same. */
  #projectorFor(snapshot: Snapshot, base: Snapshot): Projector {
    if (this.#projector?.snapshot === snapshot) return this.#projector
    return this.#projector = new Projector({
      around: { snapshot, names: this.#names, major: this.#source.major },
      keep: (text, examined) => this.#shared.keep(snapshot, text, examined),
      turn: this.#shared.turn,
      elsewhere: (text, projection) => this.#shared.large.project(this.#large(text, base, snapshot), projection)
    })
  }

  #await(id: number, consequences: ReadonlyArray<Consequence>): void {
    if (this.#pending.size >= pendingMax) this.#overlay.lose()
    // Analysed again, after a rewriting: what the first analysis awaited does not count twice.
    for (const earlier of this.#pending.get(id) ?? []) if (defines(earlier)) this.#pendingDefinitions--
    this.#pending.set(id, consequences)
    for (const consequence of consequences) {
      if (defines(consequence)) this.#pendingDefinitions++
      else this.#names.expect(consequence)
    }
  }
}

const defines = ({ _tag }: Consequence): boolean => _tag === "Define" || _tag === "Lose"

const settled = (judged: Statement | Hold<Statement>): Effect.Effect<Statement, PluginError> =>
  "_tag" in judged ? judged.until : Effect.succeed(judged)

/** Whether a finding says that nothing was touched that definitions could change. */
const isUntouched = (finding: Finding): boolean =>
  finding.unresolved === undefined && finding.kind === "session" && finding.reads.length + finding.writes.length === 0

const blurred = (finding: Finding): Finding =>
  isUntouched(finding) ? finding : again(finding, "a definition that has not run yet may change what this means")

const unfollowed = (examined: Examined): Examined => {
  const { finding } = examined
  const reason = "a definition earlier in this transaction could not be followed"
  return { ...examined, finding: isUntouched(finding) ? finding : again(finding, reason), sessional: true }
}

const again = (finding: Finding, reason: string): Finding => ({
  ...unknownFinding(reason),
  kind: finding.kind,
  tags: finding.tags,
  reads: finding.reads,
  writes: finding.writes
})
