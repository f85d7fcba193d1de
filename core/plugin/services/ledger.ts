import * as Context from "effect/Context"
import type { Session } from "../../exchange/index.ts"
import type { Spool } from "../spool.ts"

/** What JSON can say. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json | undefined }

/** One session's part of the ledger. */
export interface SessionLog extends Spool {
  /**
   * Appends a record of `type`. Never blocks and never throws: trouble shows in `trouble` and in `pending`. The ledger
   * adds sequence, times and the chain. The caller has taken out every secret.
   */
  append(type: string, body: { readonly [key: string]: Json | undefined }): void
}

/** Writes down what happened so that an auditor can check it without trusting us. */
export class Ledger extends Context.Service<Ledger, {
  /** The place where the ledger rests: a sink like any other. */
  readonly at: string
  readonly open: (session: Session) => SessionLog
}>()("sluice/services/Ledger") {}
