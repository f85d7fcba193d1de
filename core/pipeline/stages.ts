import {
  type Admission,
  allow,
  type Deny,
  deny,
  type Exchange,
  type Hold,
  type Login,
  type Session,
  type Verdict
} from "../exchange/index.ts"
import type { Family, InputOf, OperationOf, OutputOf } from "../family/index.ts"
import type { CloseReason, Decided, Entry, Expiry, Rewritten, SessionEntry, Spool } from "../plugin/index.ts"
import { type Held, held } from "./held.ts"
import { type ConnectedPlugin, connectHooks, type HookList } from "./hook-list.ts"
import { Known, LoginFacts } from "./known.ts"

/** Told of every hook that threw or lied. `error` may quote data. */
export type OnFault = (plugin: string, stage: string, error: unknown) => void

/** Analyses an operation that a plugin put in place of the one asked. */
export type Reanalyse<F extends Family> = (known: Known<F>) => OperationOf<F> | Hold<OperationOf<F>>

/** How often one operation may be judged: a plugin that asks for more is going round in circles. */
const JUDGEMENTS_MAX = 8

/**
 * The stages of one session: one flat array of functions per stage, called plainly. Whatever goes wrong in a hook is a
 * denial with the code `fault`, reported to `onFault`, and never an exception of ours.
 */
export class Stages<F extends Family = Family> {
  private readonly hooks: HookList
  private readonly onFault: OnFault
  private readonly login = new LoginFacts()

  private constructor(hooks: HookList, onFault: OnFault) {
    this.hooks = hooks
    this.onFault = onFault
  }

  /** Connects the plugins to a new session, in the order of the file; a refusal refuses the session. */
  static connect<F extends Family>(
    session: Session,
    plugins: ReadonlyArray<ConnectedPlugin>,
    onFault: OnFault
  ): Stages<F> | Deny {
    const hooks = connectHooks(session, plugins, (plugin, error) => {
      onFault(plugin.name, "connect", error)
      return fault(plugin.name)
    })
    return "_tag" in hooks ? hooks : new Stages<F>(hooks, onFault)
  }

  /** Judges a login: every plugin that authenticates must admit it, and at least one has to be there. */
  authenticate(login: Login, from = 0): Admission | Held<Admission> {
    const { run } = this.hooks.authenticate
    if (run.length === 0) return deny("identity", "No plugin of this pipeline establishes who is calling.")
    for (let i = from; i < run.length; i++) {
      const answer = this.attempt("authenticate", i, () => run[i]!(login, this.login))
      if (isHold<Admission>(answer)) return held(answer, (admission) => this.admitted(login, admission, i))
      if (isDeny(answer)) return answer
      if (!isAdmit(answer)) return this.lied("authenticate", i)
    }
    return { _tag: "Admit" }
  }

  private admitted(login: Login, admission: Admission, at: number): Admission | Held<Admission> {
    if (isDeny(admission)) return admission
    return isAdmit(admission) ? this.authenticate(login, at + 1) : this.lied("authenticate", at)
  }

  /** The facts of the session, for whoever drives it. */
  get facts(): LoginFacts {
    return this.login
  }

  /** An exchange as the plugins will see it. */
  see(exchange: Exchange<F>, operation: OperationOf<F>): Known<F> {
    return new Known(exchange, operation, this.login.values)
  }

  /** Learns, rewrites, and judges an operation. */
  judge(known: Known<F>, reanalyse: Reanalyse<F>): Verdict | Held<Verdict, any> {
    const refused = this.learn(known)
    if (refused !== undefined) return refused
    if (this.hooks.rewrite.run.length === 0) return this.decide(known, 0, reanalyse)
    return this.rewrite(known, reanalyse)
  }

  private learn(known: Known<F>): Deny | undefined {
    const { run } = this.hooks.inspect
    for (let i = 0; i < run.length; i++) {
      try {
        if (isThenable(run[i]!(known))) return this.lied("inspect", i)
      } catch (error) {
        const refused = this.threw("inspect", i, error)
        if (refused !== undefined) return refused
      }
    }
    return undefined
  }

  private rewrite(
    known: Known<F>,
    reanalyse: Reanalyse<F>,
    from = 0,
    before = known.operation
  ): Verdict | Held<Verdict, any> {
    const { run } = this.hooks.rewrite
    for (let i = from; i < run.length; i++) {
      const answer = this.attempt("rewrite", i, () => run[i]!(known))
      if (answer === undefined) continue
      if (isDeny(answer)) return answer
      if (isHold<Rewritten<F>>(answer)) {
        return held(answer, (later) => this.replaced(known, later, i) ?? this.rewrite(known, reanalyse, i + 1, before))
      }
      const refused = this.replaced(known, answer, i)
      if (refused !== undefined) return refused
    }
    return known.operation === before ? this.decide(known, 0, reanalyse) : this.relearn(known, reanalyse)
  }

  /** Puts a rewritten operation in its place. A denial where there is none. */
  private replaced(known: Known<F>, answer: unknown, at: number): Deny | undefined {
    if (answer === undefined) return undefined
    if (isDeny(answer)) return answer
    if (!isOperation(answer)) return this.lied("rewrite", at)
    known.operation = answer as OperationOf<F>
    return undefined
  }

  /** Analyses, inspects and decides what now stands in `known`. */
  private relearn(known: Known<F>, reanalyse: Reanalyse<F>): Verdict | Held<Verdict, any> {
    const learnt = (operation: OperationOf<F>): Verdict | Held<Verdict, any> => {
      known.operation = operation
      return this.learn(known) ?? this.decide(known, 0, reanalyse)
    }
    const analysed = reanalyse(known)
    if (!isHold<OperationOf<F>>(analysed)) return learnt(analysed)
    return held<Verdict, OperationOf<F> | Deny>(analysed, (answer) => isDeny(answer) ? answer : learnt(answer))
  }

  private decide(known: Known<F>, from: number, reanalyse: Reanalyse<F>): Verdict | Held<Verdict, any> {
    const { run } = this.hooks.decide
    for (let i = from; i < run.length; i++) {
      let verdict: unknown
      try {
        verdict = run[i]!(known)
      } catch (error) {
        const refused = this.threw("decide", i, error)
        if (refused === undefined) continue
        return refused
      }
      if (verdict === allow) continue
      if (isHold<Decided>(verdict)) return held(verdict, (answer) => this.decided(known, answer, i, reanalyse))
      if (isDeny(verdict)) return verdict
      if (!isAllow(verdict)) return this.lied("decide", i)
    }
    return allow
  }

  private decided(known: Known<F>, answer: unknown, at: number, reanalyse: Reanalyse<F>): Verdict | Held<Verdict, any> {
    if (isDeny(answer)) return answer
    if (isAllow(answer)) return this.decide(known, at + 1, reanalyse)
    if (isHold<Decided>(answer)) return held(answer, (next) => this.decided(known, next, at, reanalyse))
    return isAgain(answer) && known.begin(JUDGEMENTS_MAX) ? this.relearn(known, reanalyse) : this.lied("decide", at)
  }

  /** Judges a piece of what the client sends after asking. */
  judgeInput(input: InputOf<F>, known: Known<F>, from = 0): Verdict | Held<Verdict, any> {
    const { run } = this.hooks.input
    for (let i = from; i < run.length; i++) {
      const verdict = this.attempt("input", i, () => run[i]!(input, known))
      if (verdict === allow) continue
      if (isHold<Verdict>(verdict)) {
        return held(verdict, (answer) => {
          if (isAllow(answer)) return this.judgeInput(input, known, i + 1)
          return isDeny(answer) ? answer : this.lied("input", i)
        })
      }
      if (isDeny(verdict)) return verdict
      if (!isAllow(verdict)) return this.lied("input", i)
    }
    return allow
  }

  /** Lets every plugin look at a piece of an answer as it came. A denial: it must not leave, nor what follows. */
  observe(output: OutputOf<F>, known: Known<F> | undefined): Deny | undefined {
    const { run } = this.hooks.observe
    for (let i = 0; i < run.length; i++) {
      try {
        const answer = run[i]!(output, known)
        if (answer === undefined) continue
        return isDeny(answer) ? answer : this.lied("observe", i)
      } catch (error) {
        const refused = this.threw("observe", i, error)
        if (refused !== undefined) return refused
      }
    }
    return undefined
  }

  /** Lets every plugin patch a piece of an answer, last plugin first. False: it must not leave. */
  patch(output: OutputOf<F>, known: Known<F> | undefined): boolean {
    const { run } = this.hooks.transform
    for (let i = 0; i < run.length; i++) {
      try {
        if (isThenable(run[i]!(output, known))) return this.lied("transform", i) && false
      } catch (error) {
        if (this.threw("transform", i, error) !== undefined) return false
      }
    }
    return true
  }

  /** Lets every recorder see what happens to an exchange. False: nothing more may be forwarded. */
  note(entry: Entry<F>, known: Known<F>): boolean {
    const { owner, run } = entry._tag === "Answered" ? this.hooks.recordAnswers : this.hooks.record
    for (let i = 0; i < run.length; i++) {
      try {
        if (isThenable(run[i]!(entry, known))) return this.lied("record", i, owner[i]) && false
      } catch (error) {
        if (this.threw("record", i, error, owner[i]) !== undefined) return false
      }
    }
    return true
  }

  /** Lets every recorder see what happens to the session. False: the session may not go on. */
  noteSession(entry: SessionEntry): boolean {
    const { run } = this.hooks.recordSession
    for (let i = 0; i < run.length; i++) {
      try {
        run[i]!(entry, this.login)
      } catch (error) {
        if (this.threw("recordSession", i, error) !== undefined) return false
      }
    }
    return true
  }

  /** Whether any plugin looks at answers at all: if none does, they need not be shown. */
  get watchesAnswers(): boolean {
    return this.hooks.transform.run.length > 0 || this.hooks.observe.run.length > 0 || this.recordsAnswers
  }

  get recordsAnswers(): boolean {
    return this.hooks.recordAnswers.run.length > 0
  }

  /** Where recorders write: nothing goes upstream while any of these has entries that are not written. */
  get spools(): ReadonlyArray<Spool> {
    return this.hooks.spools
  }

  /** When the session must end: the earliest that any plugin says. */
  expires(): Expiry | undefined {
    const { run } = this.hooks.expires
    let earliest: Expiry | undefined
    for (let i = 0; i < run.length; i++) {
      try {
        const expiry = run[i]!()
        if (expiry !== undefined && !(expiry.at >= (earliest?.at ?? Number.POSITIVE_INFINITY))) earliest = expiry
      } catch (error) {
        if (this.threw("expires", i, error) !== undefined) return { at: 0, finish: false }
      }
    }
    return earliest
  }

  /** Has every plugin tell `end` when the session must end before it expires. What is returned stops them all. */
  watchEnds(end: (denial: Deny) => void): () => void {
    const { run } = this.hooks.ends
    const stops: Array<() => void> = []
    for (let i = 0; i < run.length; i++) {
      try {
        stops.push(run[i]!(end))
      } catch (error) {
        const refused = this.threw("ends", i, error)
        if (refused !== undefined) end(refused)
      }
    }
    return () => {
      for (const stop of stops.splice(0)) stop()
    }
  }

  /** Tells every plugin that the session is over, last plugin first. */
  close(reason: CloseReason): void {
    const { run } = this.hooks.close
    for (let i = 0; i < run.length; i++) {
      try {
        run[i]!(reason)
      } catch (error) {
        this.threw("close", i, error)
      }
    }
  }

  private attempt(stage: "authenticate" | "rewrite" | "input", index: number, call: () => unknown): unknown {
    try {
      return call()
    } catch (error) {
      return this.threw(stage, index, error) ?? (stage === "rewrite" ? undefined : allow)
    }
  }

  /** Undefined where plugin and operator both agreed to go on without it. */
  private threw(
    stage: Exclude<keyof HookList, "spools">,
    index: number,
    error: unknown,
    owner = this.hooks[stage].owner[index]!
  ): Deny | undefined {
    this.onFault(owner.name, stage, error)
    // A login that could not be judged never goes on: who is calling would be unknown.
    return owner.onError === "continue" && stage !== "authenticate" ? undefined : fault(owner.name)
  }

  private lied(
    stage: Exclude<keyof HookList, "spools">,
    index: number,
    owner = this.hooks[stage].owner[index]!
  ): Deny {
    this.onFault(owner.name, stage, new TypeError(`the ${stage} hook returned something that is not an answer`))
    return fault(owner.name)
  }
}

const fault = (plugin: string): Deny =>
  deny("fault", `The ${plugin} plugin failed, so this was refused.`, {
    hint: "Nothing was forwarded. The gateway's log names the fault; its operator can mend it."
  })

const tagOf = (value: unknown): unknown => typeof value === "object" && value !== null ? (value as any)._tag : undefined
const isAllow = (value: unknown): boolean => value === allow || tagOf(value) === "Allow"
const isAgain = (value: unknown): boolean => tagOf(value) === "Again"
const isAdmit = (value: unknown): boolean => tagOf(value) === "Admit"
const isDeny = (value: unknown): value is Deny => tagOf(value) === "Deny"
const isHold = <A>(value: unknown): value is Hold<A> => tagOf(value) === "Hold"
const isThenable = (value: unknown): boolean => typeof value === "object" && value !== null && "then" in value
const isOperation = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !("_tag" in value) && "kind" in value && "resolved" in value
