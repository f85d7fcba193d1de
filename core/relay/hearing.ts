import { type Deny, deny, type Exchange, type Hold, type Outcome, type Verdict } from "../exchange/index.ts"
import type { Constants, Family, InputOf, OperationOf, OutputOf, RunOf } from "../family/index.ts"
import { type Held, held, type Known, type Stages } from "../pipeline/index.ts"
import type { Entry } from "../plugin/index.ts"
import type { Analyser } from "../protocol/index.ts"
import type { Observer } from "./surroundings.ts"
import type { Waiting } from "./waiting.ts"
import type { Written } from "./written.ts"

/** What hearing an operation needs. */
export interface HearingRoom<F extends Family> {
  readonly stages: Stages<F>
  readonly now: () => number
  readonly observer: Observer
}

/** A verdict and what is known of the exchange; `recorded` is false when it could not be written down. */
export interface Heard<F extends Family> {
  readonly known: Known<F>
  readonly verdict: Verdict
  readonly recorded: boolean
}

/**
 * Has each operation analysed, judged and recorded, and shows each answer to those who patch and those who watch.
 * Keeps what is known of an exchange from its asking to its settling. The same for every protocol: what then leaves,
 * and in which words, is the codec's or the conversation's business.
 */
export class Hearing<F extends Family> {
  private readonly room: HearingRoom<F>
  private readonly written: Written
  private readonly analyser: () => Analyser<F> | undefined
  private readonly known = new Map<number, Known<F>>()
  private last: Known<F> | undefined
  private refusal: Deny | undefined
  private answered: Extract<Entry<F>, { readonly _tag: "Answered" }> | undefined

  /** While `analyser` answers undefined, every operation stays as the codec made it: unknown, and so refused. */
  constructor(room: HearingRoom<F>, written: Written, analyser: () => Analyser<F> | undefined) {
    this.room = room
    this.written = written
    this.analyser = analyser
  }

  /** How many exchanges are asked and not yet settled. */
  get open(): number {
    return this.known.size
  }

  /** Answers everything that is asked from now on with `denial`. */
  refuse(denial: Deny): void {
    this.refusal = denial
  }

  /** Hears an operation, at once or after `waiting`. */
  ask(exchange: Exchange<F>, waiting: Waiting, done: (heard: Heard<F>) => void): void {
    const { now, observer, stages } = this.room
    const startedAt = now()
    waiting.settle<Verdict>(this.judge(exchange), (verdict) => {
      const known = this.knownOf(exchange) ?? this.enter(exchange, exchange.operation)
      observer.judged(known.operation, verdict, (now() - startedAt) * 1000)
      const recorded = stages.note({ _tag: "Asked", operation: known.operation, asked: known.asked, verdict }, known)
      done({ known, verdict, recorded })
    })
  }

  private judge(exchange: Exchange<F>): Verdict | Held<Verdict, any> {
    if (this.refusal !== undefined) return this.refusal
    const { trouble } = this.written
    if (trouble !== undefined) return deny("ledger", `Nothing can be recorded, so nothing runs: ${trouble}`)
    const operation = this.analyse(exchange)
    if (!isHold<OperationOf<F>>(operation)) return this.judgeAnalysed(exchange, operation)
    // An analysis that failed leaves the operation as the codec made it: unknown, and touching anything.
    return held<Verdict, OperationOf<F> | Deny>(
      operation,
      (answer) => this.judgeAnalysed(exchange, isDeny(answer) ? exchange.operation : answer)
    )
  }

  private judgeAnalysed(exchange: Exchange<F>, operation: OperationOf<F>): Verdict | Held<Verdict, any> {
    return this.room.stages.judge(this.enter(exchange, operation), (rewritten) => this.analyse(rewritten))
  }

  private analyse(exchange: Exchange<F>): OperationOf<F> | Hold<OperationOf<F>> {
    try {
      return this.analyser()?.analyse(exchange) ?? exchange.operation
    } catch (error) {
      this.room.observer.fault("analyser", "analyse", error)
      return exchange.operation
    }
  }

  /** Hears a piece of input. `known` is undefined for an exchange that was never heard: nothing may follow. */
  input(
    exchange: Exchange<F>,
    input: InputOf<F>,
    waiting: Waiting,
    done: (heard: Heard<F> | undefined) => void
  ): void {
    const known = this.knownOf(exchange)
    if (known === undefined) return done(undefined)
    waiting.settle<Verdict>(this.room.stages.judgeInput(input, known), (verdict) => {
      const recorded = this.room.stages.note({ _tag: "Input", input, verdict }, known)
      done({ known, verdict, recorded })
    })
  }

  /** Shows, patches and records a piece of an answer. A denial: it must not leave, nor anything after it. */
  answer(output: OutputOf<F>, exchange: Exchange<F> | undefined): Deny | undefined {
    const { stages } = this.room
    const known = exchange === undefined ? undefined : this.knownOf(exchange)
    const refused = stages.observe(output, known)
    if (refused !== undefined) return refused
    if (!stages.patch(output, known)) return deny("fault", "An answer could not be made safe to show.")
    if (known === undefined || !stages.recordsAnswers) return undefined
    // A codec moves one row over all that come: then one entry tells them all.
    if (this.answered?.output !== output) this.answered = { _tag: "Answered", output }
    return stages.note(this.answered, known) ? undefined : unrecorded
  }

  /** What all plugins do to every row of a result; undefined where one of them must see each. */
  constants(row: OutputOf<F>, exchange: Exchange<F> | undefined): Constants | undefined {
    const known = exchange === undefined ? undefined : this.knownOf(exchange)
    return known === undefined ? undefined : this.room.stages.constants(row, known)
  }

  /** Records a run of rows that were patched alike. A denial: none of them may leave, nor anything after. */
  answerRun(rows: RunOf<F>, exchange: Exchange<F>): Deny | undefined {
    const known = this.knownOf(exchange)
    return known !== undefined && this.room.stages.noteRun(rows, known) ? undefined : unrecorded
  }

  /** An exchange ended. False: that could not be recorded. */
  settle(exchange: Exchange<F>, outcome: Outcome): boolean {
    const known = this.knownOf(exchange)
    if (known === undefined) return true
    this.known.delete(known.id)
    this.last = undefined
    this.analyser()?.settle(known, outcome)
    return this.room.stages.note({ _tag: "Settled", outcome }, known)
  }

  /** The session ends: whatever was asked and not answered is recorded as given up. */
  abandon(): void {
    for (const known of this.known.values()) {
      this.room.stages.note({ _tag: "Settled", outcome: { result: "abandoned", rows: 0, bytes: 0 } }, known)
    }
    this.known.clear()
  }

  private enter(exchange: Exchange<F>, operation: OperationOf<F>): Known<F> {
    const known = this.room.stages.see(exchange, operation)
    this.known.set(exchange.id, known)
    return this.last = known
  }

  private knownOf(exchange: Exchange<F>): Known<F> | undefined {
    if (this.last?.exchange === exchange) return this.last
    return this.last = this.known.get(exchange.id)
  }
}

const unrecorded = deny("fault", "An answer could not be recorded.")

const isHold = <A extends object>(value: A | Hold<A>): value is Hold<A> => "_tag" in value && value._tag === "Hold"
const isDeny = (value: object): value is Deny => "_tag" in value && value._tag === "Deny"
