import type { Exchange, Session } from "../exchange/index.ts"
import type { Family, OperationOf } from "../family/index.ts"
import type { Fact } from "../plugin/index.ts"

/** What is known of one session: facts by key, shared by all its exchanges. */
export type SessionFacts = Map<string, unknown>

/**
 * An exchange as plugins see it: the codec's, the operation as analysed or rewritten, and the facts learnt about it.
 */
export class Known<F extends Family = Family> implements Exchange<F> {
  readonly id: number
  readonly session: Session
  readonly asked: OperationOf<F>
  operation: OperationOf<F>
  /** The codec's own exchange, by which it is answered. */
  readonly exchange: Exchange<F>
  private readonly inherited: SessionFacts
  private own: Map<string, unknown> | undefined
  private judgements = 1

  constructor(exchange: Exchange<F>, operation: OperationOf<F>, inherited: SessionFacts) {
    this.id = exchange.id
    this.session = exchange.session
    this.exchange = exchange
    this.asked = operation
    this.operation = operation
    this.inherited = inherited
  }

  /** Forgets what was learnt, for another judgement. False when there were `max` already. */
  begin(max: number): boolean {
    this.own = undefined
    return ++this.judgements <= max
  }

  /** By key, not by identity: a plugin may have been built against its own copy of the core. */
  find<A>(fact: Fact<A>): A | undefined {
    const own = this.own?.get(fact.key)
    return (own === undefined ? this.inherited.get(fact.key) : own) as A | undefined
  }

  get(fact: Fact<unknown>): any {
    const value = this.find(fact)
    if (value === undefined) throw new Error(`The fact ${fact.key} was required but never set.`)
    return value
  }

  set(fact: Fact<unknown>, value: unknown): void {
    const own = this.own ??= new Map()
    own.set(fact.key, value)
  }
}

/** The facts of a session as `authenticate` writes and `recordSession` reads them. */
export class LoginFacts {
  readonly values: SessionFacts = new Map()

  find<A>(fact: Fact<A>): A | undefined {
    return this.values.get(fact.key) as A | undefined
  }

  get(fact: Fact<unknown>): any {
    const value = this.values.get(fact.key)
    if (value === undefined) throw new Error(`The fact ${fact.key} was required but never set.`)
    return value
  }

  set(fact: Fact<unknown>, value: unknown): void {
    this.values.set(fact.key, value)
  }
}
