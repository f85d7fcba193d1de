import type { OperationKind } from "../../family/index.ts"
import { defineFact } from "../fact.ts"
import type { PolicyDocument } from "../services/policy.ts"

export type Decision = "allow" | "mask" | "approve" | "deny"

/** One check's answer for one data set and one sink. */
export interface ReceiptCheck {
  readonly check:
    | "identity"
    | "resolve"
    | "clearance"
    | "evidence"
    | "home"
    | "landing"
    | "taint"
    | "rule"
  readonly data_set?: string
  /** `caller`, `actor:NAME`, `model:PARTY`, `gateway`, `recorder`, `upstream:PIPELINE`, `endpoint:HOST`. */
  readonly sink?: string
  /** The sink's place, `unknown` when it has none. */
  readonly at?: string
  readonly outcome: Decision
  /** The code of a denial. */
  readonly code?: string
  /** The transfer, exception or rule that this answer rests on. */
  readonly cites?: string
  /** For people: why, without data. */
  readonly reason?: string
}

export interface ReceiptSink {
  readonly sink: string
  readonly at: string
}

export interface Obligation {
  readonly obligation: "mask" | "approve"
  readonly data_set: string
  readonly cites: string
}

/** A column that a data set protects, as the policy in force says. */
export interface ProtectedColumn {
  readonly data_set: string
  /** As in `Resource.name`. */
  readonly table: string
  /** `*` for every column that is not listed. */
  readonly column: string
  /** The kind that picks its mask. */
  readonly kind: string
}

/**
 * The answer of the residency engine, as it is stored: running the engine again on the stored inputs with the stored
 * policy gives the same receipt. Keys are spelt as in the file, because this is a format, not only a type.
 */
export interface Receipt {
  /** What the engine answered. */
  readonly decision: Decision
  /** The code of the first failing check; undefined when nothing failed. */
  readonly code?: string
  readonly operation: OperationKind
  /** Data sets touched; `unclassified:NAME` for a resource in none. */
  readonly reads: ReadonlyArray<string>
  readonly writes: ReadonlyArray<string>
  /** Data sets that the caller's run has seen: the operation's own words may tell of them. Left out for none. */
  readonly carries?: ReadonlyArray<string>
  readonly sinks: ReadonlyArray<ReceiptSink>
  readonly checks: ReadonlyArray<ReceiptCheck>
  readonly obligations: ReadonlyArray<Obligation>
  /** What the pipeline made of the decision, as far as is known when it is judged. */
  readonly outcome: Decision
  readonly outcome_code?: string
  /** The party that the caller matched. */
  readonly party?: string
  /** SHA-256 of the effective policy, in hex. */
  readonly policy: string
  /** SHA-256 of the engine's inputs in canonical JSON, in hex. */
  readonly inputs: string
}

/** Set by `residency` in `inspect`, for each operation. */
export const Receipt = defineFact<Receipt>()("sluice/receipt")

/** What a receipt can be made again from: set by `residency` beside it, for recorders. */
export interface ReceiptBasis {
  /** The policy that was in force; its hash is the receipt's `policy`. */
  readonly policy: PolicyDocument
  /** The engine's inputs as canonical JSON; its SHA-256 is the receipt's `inputs`. */
  readonly inputs: string
}
export const ReceiptBasis = defineFact<ReceiptBasis>()("sluice/receipt-basis")

/**
 * Which columns of what the operation touches are protected, and which data sets must be seen masked by everyone.
 * Set by `residency` beside the receipt, for `masking`.
 */
export interface Protection {
  readonly columns: ReadonlyArray<ProtectedColumn>
  /** Data sets under the obligation `mask`: no group is exempt, and every column is protected. */
  readonly obliged: ReadonlyArray<string>
  /** Whether anything behind this pipeline is protected, or may come to be, whatever the operation touches. */
  readonly guarded?: boolean
}
export const Protection = defineFact<Protection>()("sluice/protection")

/**
 * Whether this caller sees protected columns in clear where no obligation forbids it. Set by `masking`; false is its
 * word that whatever is protected comes masked.
 */
export const Reveals = defineFact<boolean>()("sluice/reveals")
