import * as Context from "effect/Context"

/** What the policy needs to know of one pipeline. */
export interface PolicyPipeline {
  readonly name: string
  /** The upstream's place and address. */
  readonly at: string
  readonly address: string
  /** The database that is always connected to; undefined where the client chooses. */
  readonly database?: string
  /** Names of the plugins, in order. */
  readonly plugins: ReadonlyArray<string>
  readonly mode: "enforce" | "shadow"
}

/** The operator's policy, as the file in force says it. Immutable: a reload makes another one. */
export interface PolicyDocument {
  /** SHA-256, in hex, of the effective file. */
  readonly hash: string
  readonly gateway: { readonly name: string; readonly at: string }
  /** The file's `residency:`, as decoded. Its shape is the residency plugin's own. */
  readonly residency: unknown
  readonly pipelines: ReadonlyArray<PolicyPipeline>
  /** Where recordings rest; undefined when nothing records. */
  readonly recorder: { readonly at: string } | undefined
  /** Trusted issuers: a party or a caller that names none means the only one. */
  readonly issuers: ReadonlyArray<string>
}

/** The policy in force. Read it at each operation: a reload swaps it for every session at once. */
export class Policy extends Context.Service<Policy, {
  readonly current: () => PolicyDocument
}>()("sluice/services/Policy") {}
