import {
  type Deny,
  deny,
  type Exchange,
  type Hold,
  type Outcome,
  type TransactionStatus,
  type Verdict
} from "../exchange/index.ts"
import type { Family, OperationOf } from "../family/index.ts"
import { type Held, held, type Known } from "../pipeline/index.ts"
import type { Analyser, Event } from "../protocol/index.ts"
import { type Driver, fail } from "./driver.ts"
import type { Entrance } from "./entrance.ts"
import type { Surroundings } from "./surroundings.ts"
import type { Waiting } from "./waiting.ts"
import type { Written } from "./written.ts"

type Of<F extends Family, Tag extends Event["_tag"]> = Extract<Event<F>, { readonly _tag: Tag }>

/**
 * Has each operation analysed, judged, recorded, and then forwarded or refused; shows each answer to those who patch
 * and those who watch. Keeps what is known of an exchange from its asking to its settling.
 */
export class Court<F extends Family> {
  private readonly driver: Driver
  private readonly around: Surroundings<F>
  private readonly entrance: Entrance<F>
  private readonly waiting: Waiting
  private readonly written: Written
  private readonly known = new Map<number, Known<F>>()
  private last: Known<F> | undefined

  constructor(
    driver: Driver,
    around: Surroundings<F>,
    entrance: Entrance<F>,
    waiting: Waiting,
    written: Written
  ) {
    this.driver = driver
    this.around = around
    this.entrance = entrance
    this.waiting = waiting
    this.written = written
  }

  /** Undefined until the upstream is open: until then everything is unknown, and so refused. */
  private get analyser(): Analyser<F> | undefined {
    return this.entrance.opened?.analyser
  }

  /** How many exchanges are asked and not yet settled. */
  get open(): number {
    return this.known.size
  }

  onAsked(event: Of<F, "Asked">): void {
    const { now, observer } = this.around
    const startedAt = now()
    this.waiting.settle<Verdict>(this.hear(event.exchange), (verdict) => {
      if (this.driver.closed) return
      const known = this.knownOf(event.exchange) ?? this.enter(event.exchange, event.exchange.operation)
      observer.judged(known.operation, verdict, (now() - startedAt) * 1000)
      this.carryOut(event, known, verdict)
    })
  }

  private hear(exchange: Exchange<F>): Verdict | Held<Verdict, any> {
    const { trouble } = this.written
    if (trouble !== undefined) return deny("ledger", `Nothing can be recorded, so nothing runs: ${trouble}`)
    const operation = this.analyse(exchange)
    if (!isHold<OperationOf<F>>(operation)) return this.judge(exchange, operation)
    // An analysis that failed leaves the operation as the codec made it: unknown, and touching anything.
    return held<Verdict, OperationOf<F> | Deny>(
      operation,
      (answer) => this.judge(exchange, isDeny(answer) ? exchange.operation : answer)
    )
  }

  private judge(exchange: Exchange<F>, operation: OperationOf<F>): Verdict | Held<Verdict, any> {
    return this.around.stages.judge(this.enter(exchange, operation), (rewritten) => this.analyse(rewritten))
  }

  private analyse(exchange: Exchange<F>): OperationOf<F> | Hold<OperationOf<F>> {
    try {
      return this.analyser?.analyse(exchange) ?? exchange.operation
    } catch (error) {
      this.around.observer.fault("analyser", "analyse", error)
      return exchange.operation
    }
  }

  private carryOut(event: Of<F, "Asked">, known: Known<F>, verdict: Verdict): void {
    const { codec, stages } = this.around
    if (!stages.note({ _tag: "Asked", operation: known.operation, asked: known.asked, verdict }, known)) {
      return fail(this.driver, "An operation could not be recorded.")
    }
    if (verdict._tag === "Deny") codec.reject(event.exchange, verdict)
    else codec.forward(event, known.operation)
    this.driver.pump()
  }

  onInput(event: Of<F, "Input">): void {
    const { codec, stages } = this.around
    const known = this.knownOf(event.exchange)
    if (known === undefined) return fail(this.driver, "Input came for an operation that is not known.")
    this.waiting.settle<Verdict>(stages.judgeInput(event.input, known), (verdict) => {
      if (this.driver.closed) return
      if (!stages.note({ _tag: "Input", input: event.input, verdict }, known)) {
        return fail(this.driver, "Input could not be recorded.")
      }
      if (verdict._tag === "Deny") codec.reject(event.exchange, verdict)
      else codec.forward(event)
      this.driver.pump()
    })
  }

  onOutput(event: Of<F, "Output">): void {
    const { codec, stages } = this.around
    if (!stages.watchesAnswers) return codec.forward(event)
    const known = event.exchange === undefined ? undefined : this.knownOf(event.exchange)
    if (!stages.patch(event.output, known)) return fail(this.driver, "An answer could not be made safe to show.")
    if (known !== undefined && stages.records && !stages.note({ _tag: "Answered", output: event.output }, known)) {
      return fail(this.driver, "An answer could not be recorded.")
    }
    codec.forward(event)
  }

  onSettled(event: Of<F, "Settled">): void {
    const known = this.knownOf(event.exchange)
    if (known === undefined) return
    this.known.delete(known.id)
    this.last = undefined
    this.analyser?.settle(known, event.outcome)
    if (!this.settled(known, event.outcome)) fail(this.driver, "An outcome could not be recorded.")
  }

  /** The upstream waits for the next operation: the analyser follows its transactions. */
  onReady(transaction: TransactionStatus): void {
    this.analyser?.ready(transaction)
  }

  /** The session ends: whatever was asked and not answered is recorded as given up. */
  abandon(): void {
    for (const known of this.known.values()) this.settled(known, { result: "abandoned", rows: 0, bytes: 0 })
    this.known.clear()
  }

  private settled(known: Known<F>, outcome: Outcome): boolean {
    return this.around.stages.note({ _tag: "Settled", outcome }, known)
  }

  private enter(exchange: Exchange<F>, operation: OperationOf<F>): Known<F> {
    const known = this.around.stages.see(exchange, operation)
    this.known.set(exchange.id, known)
    return this.last = known
  }

  private knownOf(exchange: Exchange<F>): Known<F> | undefined {
    if (this.last?.exchange === exchange) return this.last
    return this.last = this.known.get(exchange.id)
  }
}

const isHold = <A extends object>(value: A | Hold<A>): value is Hold<A> => "_tag" in value && value._tag === "Hold"
const isDeny = (value: object): value is Deny => "_tag" in value && value._tag === "Deny"
