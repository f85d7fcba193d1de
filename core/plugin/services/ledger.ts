import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Session } from "../../exchange/index.ts"
import type { Spool } from "../spool.ts"

/** What JSON can say. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json | undefined }

/**
 * What a record says: an object, or an object's JSON text that was encoded before, as a string or as bytes of UTF-8.
 * Bytes are a loan: what keeps them copies them.
 */
export type RecordBody = string | Uint8Array | { readonly [key: string]: Json | undefined }

/** One session's part of the ledger. */
export interface SessionLog extends Spool {
  /**
   * Appends a record of `type`. Never blocks and never throws: trouble shows in `trouble` and in `pending`. The ledger
   * adds sequence, times and the chain. The caller has taken out every secret. A record that may be written `later`
   * (an outcome: what it tells has happened) holds nothing up; it goes to the file with the next one that does, or
   * within some milliseconds.
   */
  append(type: string, body: RecordBody, options?: { readonly later?: boolean }): void
}

/** Writes down what happened so that an auditor can check it without trusting us. */
export class Ledger extends Context.Service<Ledger, {
  /** The place where the ledger rests: a sink like any other. */
  readonly at: string
  readonly open: (session: Session) => SessionLog
  /**
   * Counts up when records begin to go to another file that may be deleted on its own: what later records refer to is
   * then written again. Undefined: nothing is ever deleted apart.
   */
  readonly segment?: () => number
  /**
   * A keyed digest of a value that must not stand in the ledger: equal values can be recognised, none can be guessed
   * without the key. Short, printable, and the same for the ledger's whole life.
   */
  readonly digest: (value: string | Uint8Array) => string
  /**
   * For how many days records must be kept, as long as the scope lives; undefined: for ever. The longest wish wins, and
   * nothing is deleted before someone wished for an end.
   */
  readonly keep: (days: number | undefined) => Effect.Effect<void, never, Scope.Scope>
}>()("sluice/services/Ledger") {}
