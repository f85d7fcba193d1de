import type { Login, Outcome, Verdict } from "../exchange/index.ts"
import type { Family, InputOf, OperationOf, OutputOf } from "../family/index.ts"

/** What a recorder is told, in the order it happens. Everything in it is as the client sees it. */
export type Entry<F extends Family = Family> =
  /** Judged, and not yet forwarded or refused: written before it takes effect. */
  | {
    readonly _tag: "Asked"
    readonly operation: OperationOf<F>
    readonly asked: OperationOf<F>
    readonly verdict: Verdict
  }
  | { readonly _tag: "Input"; readonly input: InputOf<F>; readonly verdict: Verdict }
  | { readonly _tag: "Answered"; readonly output: OutputOf<F> }
  | { readonly _tag: "Settled"; readonly outcome: Outcome }

/** What a recorder is told of the session itself. */
export type SessionEntry = { readonly _tag: "LoggedIn"; readonly login: Login; readonly verdict: Verdict }

/** Why a session ended. */
export type CloseReason =
  | "finished"
  | "refused"
  | "violation"
  | "fault"
  | "upstream_lost"
  | "client_lost"
  | "idle"
  | "expired"
  | "ended"
  | "shutdown"
