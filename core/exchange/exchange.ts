import type { Family, OperationOf } from "../family/index.ts"
import type { Session } from "./session.ts"

/** An operation and the answer it is owed. */
export interface Exchange<F extends Family = Family> {
  /** Counts up from 1 within the session, in the order asked. */
  readonly id: number
  readonly session: Session
  /** What will run: analysed, and rewritten if a plugin did so. Fresh from a codec it is `unknown` and unresolved. */
  readonly operation: OperationOf<F>
  /** What the client asked, before any rewriting. */
  readonly asked: OperationOf<F>
}

/** How an exchange ended. */
export interface Outcome {
  readonly result: "completed" | "failed" | "denied" | "abandoned"
  /** The protocol's own code, for a failure: SQLSTATE, HTTP status. */
  readonly code?: string
  readonly rows: number
  /** Bytes of answer that the client was sent. */
  readonly bytes: number
}

/** Whether the upstream holds a transaction open for this session. */
export type TransactionStatus = "idle" | "open" | "failed"
