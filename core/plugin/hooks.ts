import type { Admission, Again, Deny, Exchange, Hold, Login, Verdict } from "../exchange/index.ts"
import type { Family, InputOf, OperationOf, OutputOf } from "../family/index.ts"
import type { CloseReason, Entry, SessionEntry } from "./entry.ts"
import type { Capability, Fact, Reads, Writes } from "./fact.ts"
import type { Spool } from "./spool.ts"

/** When a session ends of itself. */
export interface Expiry {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Whether operations in flight may finish first; nothing new is heard meanwhile. */
  readonly finish: boolean
}

/**
 * What a hold of `decide` may answer: a verdict, another thing to wait for, or `again`. Then everything that was known
 * of the operation is forgotten, it is analysed, inspected and decided once more, and whoever said so must come to an
 * answer of its own: after a few times it is a fault.
 */
export type Decided = Verdict | Again | Hold<Decided>

/** An operation in the place of the one asked; undefined where that stays. */
export type Rewritten<F extends Family = Family> = OperationOf<F> | undefined | Deny

/**
 * A plugin's hooks for one session, one per stage. The stage is the permission: `inspect` may only learn, `rewrite`
 * only replace, `decide` and `input` only judge, `transform` only patch, `record` only watch. All are synchronous; the
 * one way to wait is to return a `Hold`. A hook that throws is a denial.
 */
export interface Hooks<
  F extends Family = Family,
  R extends ReadonlyArray<Capability> = ReadonlyArray<Capability>,
  P extends ReadonlyArray<Fact<unknown>> = ReadonlyArray<Fact<unknown>>
> {
  /** Judges a login, and sets the facts of the session. */
  readonly authenticate?: (login: Login, facts: Reads<R> & Writes<P>) => Admission | Hold<Admission>
  /** Learns what an operation is. Facts set here live and die with the exchange. */
  readonly inspect?: (exchange: Exchange<F> & Reads<R> & Writes<P>) => void
  /**
   * Replaces an operation, at most once per plugin, or holds until it can; it is analysed and inspected again before it
   * is judged.
   */
  readonly rewrite?: (exchange: Exchange<F> & Reads<R>) => Rewritten<F> | Hold<Rewritten<F>>
  readonly decide?: (exchange: Exchange<F> & Reads<R>) => Verdict | Hold<Decided>
  /** Judges a piece of what the client sends after asking. */
  readonly input?: (input: InputOf<F>, exchange: Exchange<F> & Reads<R>) => Verdict | Hold<Verdict>
  /**
   * Looks at a piece of an answer as the upstream sent it, before any patch, and changes nothing. A denial: it may not
   * leave, nor anything after it; the session ends in these words.
   */
  readonly observe?: (output: OutputOf<F>, exchange: (Exchange<F> & Reads<R>) | undefined) => Deny | undefined
  /** Patches a piece of an answer. The exchange is undefined for what no one asked: notices, notifications. */
  readonly transform?: (output: OutputOf<F>, exchange: (Exchange<F> & Reads<R>) | undefined) => void
  /** Watches, after every patch. */
  readonly record?: (entry: Entry<F>, exchange: Exchange<F> & Reads<R>) => void
  /** False: `record` has no use for `Answered`, and is not called for each row. True when left out. */
  readonly recordsAnswers?: boolean
  /** Watches what belongs to no exchange: logins, refused ones too. */
  readonly recordSession?: (entry: SessionEntry, facts: Reads<R>) => void
  /** Where `record` writes. The relay sends nothing upstream while the spool has entries that are not yet written. */
  readonly spool?: Spool
  /** When this session must end of itself: asked after the login. */
  readonly expires?: () => Expiry | undefined
  /**
   * Tells `end` when the session must end before that, such as when what proved its caller was taken back. Asked once,
   * after the login; what it returns stops the telling, and is called when the session is over.
   */
  readonly ends?: (end: (denial: Deny) => void) => () => void
  readonly close?: (reason: CloseReason) => void
}
