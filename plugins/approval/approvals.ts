import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Deny, PluginError } from "../../core/index.ts"
import type { ApprovalConfig } from "./config.ts"
import type { Grant, Need } from "./grant.ts"
import type { Person } from "./person.ts"
import type { Request } from "./request.ts"
import type { Shown } from "./shown.ts"

/** An operation that is brought to the approvers. */
export interface Filing {
  readonly essence: string
  readonly binding: string
  readonly config: ApprovalConfig
  readonly chain: ReadonlyArray<Person>
  readonly shown: Shown
  readonly need: Need
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** What came of a filing. */
export type Filed =
  /** A grant covers it, and one use of it is spent. */
  | { readonly _tag: "Granted"; readonly grant: Grant }
  /** It waits: `Approvals.settled` tells when that ends. */
  | { readonly _tag: "Waiting"; readonly request: Request }
  /** It was asked before, refused then, and is approved now. */
  | { readonly _tag: "Approved"; readonly request: Request }
  | { readonly _tag: "Refused"; readonly denial: Deny }

/** The approvals of one gateway: what the plugin asks, and the desk where people decide. */
export class Approvals extends Context.Service<Approvals, {
  readonly file: (filing: Filing) => Effect.Effect<Filed, PluginError>
  /** Waits until the request is neither a draft nor pending. */
  readonly settled: (id: string) => Effect.Effect<Request, PluginError>
  /**
   * Uses an approved request up, for exactly this binding. Why not, or undefined: then it may run, once, and that is
   * recorded.
   */
  readonly use: (id: string, binding: string) => Effect.Effect<Deny | undefined, PluginError>
  /** Nobody waits for it any more: it is void soon. */
  readonly abandon: (id: string, reason: string) => void
}>()("sluice/services/Approvals") {}
