import type * as Effect from "effect/Effect"
import type { Exchange, Hold, Outcome, PluginError, Session, TransactionStatus } from "../exchange/index.ts"
import type { Family, OperationOf } from "../family/index.ts"

/** Says what was asked *touches*. One per session: it follows the session's transactions, settings and definitions. */
export interface Analyser<F extends Family = Family> {
  /** Usually synchronous, from a cache; holds where it must wait. Throwing makes the operation unknown. */
  analyse(asked: Exchange<F>): OperationOf<F> | Hold<OperationOf<F>>
  /** How an exchange ended, so that what is believed of the session stays true. */
  settle(exchange: Exchange<F>, outcome: Outcome): void
  /** The upstream waits for the next operation. */
  ready(transaction: TransactionStatus): void
  /** Settings that the analysis relies on: the gateway pins them when it opens the upstream's side. */
  readonly settings: ReadonlyMap<string, string>
}

/** The part of an analysis that all sessions of a pipeline share: caches, and what the upstream's catalogue says. */
export interface Analysis<F extends Family = Family> {
  readonly open: (session: Session, database: string | undefined) => Effect.Effect<Analyser<F>, PluginError>
}

/** Asks the upstream about itself, with the gateway's own credential; rows as objects of column name to text. */
export interface Reader {
  readonly query: (text: string) => Effect.Effect<ReadonlyArray<Readonly<Record<string, string | null>>>, PluginError>
}

/** Where an analysis learns what relations and functions exist. */
export type Definitions =
  /** A live upstream: `reader` connects to one database, and closes with the scope of the analysis. */
  | { readonly _tag: "Live"; readonly reader: (database: string | undefined) => Effect.Effect<Reader, PluginError> }
  /** A text of definitions, such as DDL, for when no upstream is in reach. */
  | { readonly _tag: "Declared"; readonly text: string }
