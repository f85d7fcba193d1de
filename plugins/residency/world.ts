import type { Evidence, OperationKind, PolicyDocument } from "../../core/index.ts"
import type { ColumnName } from "./compile/column.ts"
import type { Place, PlaceSet } from "./compile/zones.ts"
import type { Party } from "./schema/party.ts"

/**
 * The operator's policy, compiled: every name resolved, every date an instant, every list in an order that does not
 * depend on the file's. Immutable, and all that the engine knows besides its inputs.
 */
export interface World {
  /** SHA-256, in hex, of the effective file. */
  readonly hash: string
  /** What this world was compiled from: with it and the inputs, an auditor makes a receipt again. */
  readonly document: PolicyDocument
  readonly otherwise: "deny" | "allow"
  readonly unresolved: "deny" | "approve"
  /** Every zone and place by name. */
  readonly zones: ReadonlyMap<string, PlaceSet>
  readonly gateway: Place
  /** Where recordings rest; undefined when nothing records. */
  readonly recorder: Place | undefined
  readonly pipelines: ReadonlyMap<string, WorldPipeline>
  /** Declared upstreams by address, in the form that `normalAddress` gives. */
  readonly endpoints: ReadonlyMap<string, WorldEndpoint>
  readonly dataSets: ReadonlyMap<string, WorldDataSet>
  /** The transfers that have a cap, by id. */
  readonly caps: ReadonlyMap<string, WorldTransfer>
  /** The most specific first, equals in the order of the file. */
  readonly parties: ReadonlyArray<WorldParty>
  /** By name. */
  readonly rules: ReadonlyArray<WorldRule>
  readonly taint: WorldTaint
  /** Every instant at which a transfer or an exception begins or ends to hold, ascending. */
  readonly boundaries: ReadonlyArray<number>
  /** Whether a rule reads the clock: then no answer outlives its instant. */
  readonly readsClock: boolean
}

/** The file's `taint:`; balanced where it is left out. */
export interface WorldTaint {
  readonly mode: "strict" | "balanced" | "off" | "shadow"
  readonly literalBytesMax: number
  readonly runClaim: string | undefined
  readonly parentRunClaim: string | undefined
  readonly forgetAfter: ForgetAfter
}

/** After how many days without use labels are forgotten; undefined: never. */
export interface ForgetAfter {
  readonly runs: number | undefined
  /** Of whoever comes without a run, and of what all runs of an agent have seen. */
  readonly agents: number | undefined
  /** Tables, topics, and upstreams as a whole. */
  readonly stores: number | undefined
}

export interface WorldPipeline {
  readonly name: string
  readonly at: Place
  readonly address: string
  /** Names what is behind it, for labels: the same for all pipelines that reach the same data. */
  readonly store: string
  readonly plugins: ReadonlyArray<string>
  readonly mode: "enforce" | "shadow"
  readonly selectors: WorldSelectors
  /** The data sets that have a selector here, by name. */
  readonly dataSets: ReadonlyArray<WorldDataSet>
}

/** An upstream as others reach it: by its address. */
export interface WorldEndpoint {
  readonly at: Place
  /** The pipelines that declare it. */
  readonly pipelines: ReadonlyArray<string>
}

/** What one data set says of one thing behind an upstream. */
export interface WorldSelection {
  readonly dataSet: WorldDataSet
  /** The selector, as the file has it. */
  readonly name: string
  /** Field to kind. */
  readonly kinds: ReadonlyMap<string, string>
}

/** The kinds of resource that a data set can consist of. */
export type Selectable = "table" | "route" | "object" | "path" | "topic"

/** One pipeline's selectors, for one kind of resource: those without `*` by name, the others in a row. */
export interface WorldSelectorIndex {
  readonly exact: ReadonlyMap<string, ReadonlyArray<WorldSelection>>
  readonly patterns: ReadonlyArray<WorldSelection>
}
export type WorldSelectors = Readonly<Record<Selectable, WorldSelectorIndex>>

export interface WorldDataSet {
  readonly name: string
  /** The names of its home's zones, sorted. */
  readonly home: ReadonlyArray<string>
  /** The places where it may be: all that its zones have. */
  readonly homePlaces: PlaceSet
  /** With `zone_by`: whose home each row is. */
  readonly rows: WorldRows | undefined
  readonly classes: ReadonlyArray<string>
  /** The column that identifies a person. */
  readonly subject: { readonly table: string; readonly column: string } | undefined
  readonly otherwise: "deny" | "approve"
  readonly masked: "counts" | "leaves"
  /** When counts, sums and averages are told apart from the data; undefined: never. */
  readonly aggregates: WorldAggregates | undefined
  readonly evidence: Evidence | undefined
  readonly mode: "enforce" | "shadow"
  /** Those that name it or one of its classes: the mildest first, equals by id. */
  readonly transfers: ReadonlyArray<WorldTransfer>
  readonly exceptions: ReadonlyArray<WorldException>
}

/** What makes an aggregate more than the rows in it. */
export interface WorldAggregates {
  /** The fewest rows that one may be over. */
  readonly rowsMin: number
  /** Whether a run that has seen no more than aggregates may write anywhere. */
  readonly leaves: boolean
  /** Columns that they may be grouped by; without a table, of every table. */
  readonly groupBy: ReadonlyArray<ColumnName>
}

/** Rows of several homes. */
export interface WorldRows {
  /** The table whose column it is; undefined for every table of the data set. */
  readonly table: string | undefined
  readonly column: string
  /** By name. */
  readonly homes: ReadonlyArray<WorldHome>
  /** What becomes of rows that a caller may not have. */
  readonly other: "deny" | "filter"
}

/** One home that a row can have. */
export interface WorldHome {
  readonly name: string
  readonly places: PlaceSet
  /** The values of the column that mean it, sorted. */
  readonly values: ReadonlyArray<string>
}

/** What a transfer and an exception have in common. */
export interface WorldAllowance {
  readonly id: string
  readonly to: PlaceSet
  /** Party names, `gateway`, `recorder`, `upstream:PIPELINE`; undefined for any. */
  readonly recipients: ReadonlySet<string> | undefined
  readonly operations: ReadonlySet<OperationKind>
  /** Milliseconds since the epoch; holds from `from` on, and no longer at `until`. */
  readonly from: number
  readonly until: number
}
export type WorldException = WorldAllowance
export interface WorldTransfer extends WorldAllowance {
  readonly source: PlaceSet
  readonly mask: boolean
  readonly approve: boolean
  /** How many people may leave by it; undefined for any number. */
  readonly cap: WorldCap | undefined
}

export interface WorldCap {
  readonly count: number
  /** As the file has it. */
  readonly window: string
  readonly per: "recipient" | "transfer"
  readonly maskedFree: boolean
}

/** How a party is recognised. What is undefined does not matter. */
export interface WorldMatch {
  readonly issuer: string | undefined
  readonly subject: string | undefined
  /** Whether the subject holds a `*`. */
  readonly pattern: boolean
  readonly group: string | undefined
}

export interface WorldParty {
  readonly name: string
  readonly match: WorldMatch
  readonly at: Party["at"]
  readonly under: string | undefined
  readonly agent: boolean
  readonly model: Party["model"]
  readonly clearance: PlaceSet
  readonly evidence: Evidence | undefined
}

export interface WorldRule {
  readonly name: string
  readonly then: "deny" | "approve" | "mask"
  /** Whether the rule applies to these facts; `undefined` when that cannot be found out. Never throws. */
  readonly applies: (facts: Readonly<Record<string, unknown>>) => boolean | undefined
  /** Whether it may tell apart what the policy itself does not: identities of one party, instants of one window. */
  readonly personal: boolean
}
