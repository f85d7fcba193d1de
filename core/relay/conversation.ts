import {
  type Admission,
  allow,
  type Deny,
  deny,
  type Exchange,
  type Login,
  type Outcome,
  type Session,
  type Verdict
} from "../exchange/index.ts"
import type { Family, InputOf, OperationOf, OutputOf } from "../family/index.ts"
import type { Held } from "../pipeline/index.ts"
import type { CloseReason } from "../plugin/index.ts"
import type { Analyser } from "../protocol/index.ts"
import { expired, hearLogin } from "./admission.ts"
import { Hearing, type HearingRoom } from "./hearing.ts"
import { Waiting, type WaitingRoom } from "./waiting.ts"
import { SPOOL_WAIT_MILLISECONDS, Written } from "./written.ts"

/** What a conversation needs of the world around it. */
export interface ConversationRoom<F extends Family> extends HearingRoom<F>, WaitingRoom {
  readonly session: Session
  readonly analyser: Analyser<F>
}

/** Known to this file alone: whoever has it may issue proofs. */
const issuer = Symbol("issuer")

/**
 * Proof that an operation was judged, allowed, and recorded. Nothing but `Conversation.ask` makes one, and whoever
 * dials an upstream demands one: a stage cannot be skipped by accident.
 */
export class Admitted<F extends Family> {
  readonly exchange: Exchange<F>
  /** What to run: as analysed, or as a plugin rewrote it. */
  readonly operation: OperationOf<F>
  readonly #proof: true = true

  /** @internal For `Conversation` alone, which has the key. */
  constructor(key: typeof issuer, exchange: Exchange<F>, operation: OperationOf<F>) {
    if (key !== issuer) throw new TypeError("Only a conversation admits operations: ask one.")
    this.exchange = exchange
    this.operation = operation
  }

  /** Whether `value` is the real thing, and not something of its shape. */
  static is(value: unknown): value is Admitted<Family> {
    return typeof value === "object" && value !== null && #proof in value
  }
}

/**
 * The way of terminated protocols (those that a library speaks for us: HTTP, SSH) to the same stages that a relay
 * drives. One for each session. Several operations may be under way at once.
 */
export class Conversation<F extends Family> {
  private readonly room: ConversationRoom<F>
  private readonly written: Written
  private readonly hearing: Hearing<F>
  /** What is waited for, and how to answer whoever waits when the session ends first. */
  private readonly waits = new Map<Waiting, () => void>()
  /** What was admitted here and has not ended: nothing else is heard. */
  private readonly admitted = new Set<Admitted<F>>()
  private asked = 0
  private admittedLogin = false
  private expiresAt: number | undefined
  private ended: Deny | undefined
  private stopWatching: () => void = () => {}
  private closed = false

  constructor(room: ConversationRoom<F>) {
    this.room = room
    this.written = new Written(room.stages.spools)
    this.hearing = new Hearing(room, this.written, () => room.analyser)
  }

  /** Judges who is calling. Until this has admitted, nothing can be asked. */
  login(login: Login): Promise<Admission> {
    if (this.closed) return Promise.resolve(over())
    const { stages } = this.room
    return this.wait(stages.authenticate(login), (admission) => {
      const { recorded, verdict } = hearLogin(this.room, this.written, login, admission)
      if (!recorded) return deny("fault", "A login could not be recorded.")
      this.admittedLogin = verdict._tag === "Allow"
      this.expiresAt = stages.expires()?.at
      this.stopWatching = stages.watchEnds((denial) => this.takenBack(denial))
      return verdict._tag === "Deny" ? verdict : { _tag: "Admit" }
    })
  }

  /** Has an operation judged and recorded. Resolves once it may take effect. */
  async ask(operation: OperationOf<F>): Promise<Admitted<F> | Deny> {
    if (this.closed) return over()
    if (this.expiresAt !== undefined && !(this.room.now() < this.expiresAt)) {
      return expired()
    }
    if (this.ended !== undefined) return this.ended
    if (!this.admittedLogin) return deny("identity", "Nothing can be asked before the login.")
    const exchange: Exchange<F> = { id: ++this.asked, session: this.room.session, operation, asked: operation }
    const heard = await new Promise<{ verdict: Verdict; operation: OperationOf<F>; recorded: boolean }>((resolve) => {
      const waiting = this.startWaiting(() => resolve({ operation, recorded: true, verdict: over() }))
      this.hearing.ask(exchange, waiting, ({ known, recorded, verdict }) => {
        this.waits.delete(waiting)
        resolve({ operation: known.operation, recorded, verdict })
      })
    })
    if (!heard.recorded) return deny("fault", "An operation could not be recorded, so it does not run.")
    const refusal = heard.verdict._tag === "Deny" ? heard.verdict : await this.allWritten()
    // It may have ended meanwhile: then what was asked is recorded as given up.
    if (this.closed) return over()
    if (refusal !== undefined) {
      this.hearing.settle(exchange, { result: "denied", code: refusal.code, rows: 0, bytes: 0 })
      return refusal
    }
    const admitted = new Admitted(issuer, exchange, heard.operation)
    this.admitted.add(admitted)
    return admitted
  }

  /** Judges a piece of what the client sends after asking, such as a part of a body. */
  input(admitted: Admitted<F>, input: InputOf<F>): Promise<Verdict> {
    if (!this.admitted.has(admitted)) return Promise.resolve(strange())
    return new Promise((resolve) => {
      const waiting = this.startWaiting(() => resolve(over()))
      this.hearing.input(admitted.exchange, input, waiting, (heard) => {
        this.waits.delete(waiting)
        if (heard === undefined) return resolve(deny("fault", "Input came for an operation that is not known."))
        resolve(heard.recorded ? heard.verdict : deny("fault", "Input could not be recorded."))
      })
    })
  }

  /** Patches and records a piece of an answer. A denial: it must not leave, nor anything after it. */
  answer(admitted: Admitted<F>, output: OutputOf<F>): Verdict {
    if (!this.admitted.has(admitted)) return strange()
    return this.hearing.answer(output, admitted.exchange) ?? allow
  }

  /** The operation is over. */
  end(admitted: Admitted<F>, outcome: Outcome): void {
    if (this.admitted.delete(admitted)) this.hearing.settle(admitted.exchange, outcome)
  }

  close(reason: CloseReason): void {
    if (this.closed) return
    this.closed = true
    this.admitted.clear()
    for (const [waiting, giveUp] of this.waits) {
      waiting.cancel()
      giveUp()
    }
    this.waits.clear()
    this.stopWatching()
    this.hearing.abandon()
    this.room.stages.close(reason)
    this.room.observer.closed(reason, undefined)
  }

  /** What proved the caller was taken back: what waits for a judgement is over, and nothing more is heard. */
  private takenBack(denial: Deny): void {
    this.ended = denial
    this.hearing.refuse(denial)
    for (const [waiting, giveUp] of this.waits) {
      waiting.cancel()
      giveUp()
    }
    this.waits.clear()
  }

  private allWritten(): Promise<Deny | undefined> {
    if (this.written.all) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const cancel = this.room.after(
        SPOOL_WAIT_MILLISECONDS,
        () => resolve(deny("ledger", "What was asked could not be recorded in time, so it did not run."))
      )
      this.written.whenAll(() => {
        cancel()
        resolve(undefined)
      })
    })
  }

  private wait(
    judged: Admission | Held<Admission, any>,
    then: (admission: Admission) => Admission
  ): Promise<Admission> {
    return new Promise((resolve) => {
      const waiting = this.startWaiting(() => resolve(over()))
      waiting.settle<Admission>(judged, (admission) => {
        this.waits.delete(waiting)
        resolve(then(admission))
      })
    })
  }

  private startWaiting(giveUp: () => void): Waiting {
    const waiting = new Waiting(this.room, (act) => act())
    this.waits.set(waiting, giveUp)
    return waiting
  }
}

const over = (): Deny => deny("closed", "The session is over.")
const strange = (): Deny => deny("fault", "The operation was not admitted by this conversation, or is over.")
