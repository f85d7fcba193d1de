import type { Body, Node } from "../parse/tree.ts"

/**
 * What an upstream's catalogue said at one time: everything that names can mean. Plain data that never changes once
 * made, so that threads and sessions can share it. Maps are keyed by canonical names (`canonicalName`).
 */
export interface Snapshot {
  /** Tells snapshots apart; a newer one has a greater number. */
  readonly version: number
  /** The schemas that unqualified names are looked for in, after `pg_catalog`. */
  readonly path: ReadonlyArray<string>
  readonly schemas: ReadonlySet<string>
  readonly relations: ReadonlyMap<string, Relation>
  /** Partitions and inheriting tables, by their parent's name. Direct ones only. */
  readonly children: ReadonlyMap<string, ReadonlyArray<string>>
  readonly routines: ReadonlyMap<string, ReadonlyArray<Routine>>
  readonly types: ReadonlyMap<string, UserType>
  /** Operators that are not PostgreSQL's own, by their bare name. */
  readonly operators: ReadonlyMap<string, ReadonlyArray<UserOperator>>
  readonly casts: ReadonlyArray<UserCast>
  /** `host:port` of foreign servers, by name; undefined where options do not say. */
  readonly servers: ReadonlyMap<string, string | undefined>
}

export type RelationKind =
  | "table"
  | "partitioned"
  | "view"
  | "materialised"
  | "foreign"
  | "sequence"
  | "composite"

export interface Relation {
  readonly schema: string
  readonly name: string
  readonly kind: RelationKind
  readonly columns: ReadonlyArray<RelationColumn>
  /** Canonical names of partition and inheritance parents. */
  readonly parents: ReadonlyArray<string>
  /** How a view, or a materialised one, is defined. */
  readonly definition?: Definition
  /** The foreign server's name. */
  readonly server?: string
  /** The columns of the primary key: with them, GROUP BY knows all the others. */
  readonly key?: ReadonlyArray<string>
  readonly triggers: ReadonlyArray<Trigger>
  /** Relations whose rows change along with this one's: foreign keys with CASCADE, SET NULL or SET DEFAULT. */
  readonly cascades?: ReadonlyArray<Cascade>
  /** Canonical names of the functions that its constraints, indexes, partition keys and triggers' conditions call. */
  readonly calls?: ReadonlyArray<string>
  /** The event of each rewrite rule other than a view's own: `insert`, `update`, `delete`, `select`. */
  readonly rules: ReadonlyArray<string>
  /** The columns that decide in which partition a row stands, this table's own and those of its partitions. */
  readonly partitionedBy?: ReadonlyArray<string>
  /** Expressions of row security policies. */
  readonly policies: ReadonlyArray<Expression>
  readonly temporary?: boolean
}

export interface RelationColumn {
  readonly name: string
  /** As `format_type` spells it, without modifiers; qualified where it is not PostgreSQL's own. */
  readonly type: string
  /** The same with its modifiers, as in `character varying(11)`, where it has any. */
  readonly exact?: string
  /** The expression that a stored or virtual generated column is computed with. */
  readonly generated?: Expression
  /** The expression of a default. */
  readonly default?: Expression
}

/** An expression that stands in the catalogue: its text, or its tree. */
export type Expression = string | Node

/**
 * A query that stands in the catalogue: as text, whose names are qualified, or as a tree, with the path it was made
 * under.
 */
export interface Definition {
  readonly text?: string
  readonly tree?: Node
  readonly path: ReadonlyArray<string>
}

export interface Trigger {
  /** Any of `insert`, `update`, `delete`, `truncate`. */
  readonly events: ReadonlyArray<string>
  /** Canonical name of its function. */
  readonly routine: string
}

export interface Cascade {
  readonly event: "delete" | "update"
  /** Canonical name of the referencing relation. */
  readonly relation: string
  /** What its rows suffer: they are deleted, or columns of theirs are set. */
  readonly effect: "delete" | "update"
}

export interface Routine {
  readonly schema: string
  readonly name: string
  readonly kind: "function" | "procedure" | "aggregate" | "window"
  readonly language: string
  readonly volatility: "immutable" | "stable" | "volatile"
  readonly argumentsMin: number
  /** -1: any number. */
  readonly argumentsMax: number
  /** Names of the input arguments; empty strings where they have none. */
  readonly argumentNames: ReadonlyArray<string>
  readonly returns: string
  readonly set: boolean
  /** Names of the returned columns, of a function with OUT arguments or RETURNS TABLE. */
  readonly outputs?: ReadonlyArray<string>
  /** The body of a function in SQL: its text, or its statements. */
  readonly body?: { readonly text?: string; readonly statements?: ReadonlyArray<Node> }
  /** `search_path` that the function sets for itself. */
  readonly path?: ReadonlyArray<string>
  readonly extension?: string
}

export interface UserType {
  readonly schema: string
  readonly name: string
  readonly kind: "enum" | "domain" | "composite" | "range" | "base"
  /** Of a domain: the type under it, the expressions of its checks, and its default. */
  readonly base?: string
  /** Of a domain: the modifier of the type under it. */
  readonly modifier?: number
  /** Of an enum: its values in their order. */
  readonly labels?: ReadonlyArray<string>
  readonly checks?: ReadonlyArray<Expression>
  readonly default?: Expression
  readonly extension?: string
}

export interface UserOperator {
  readonly schema: string
  readonly name: string
  /** Canonical name of the function behind it. */
  readonly routine: string
  readonly extension?: string
}

export interface UserCast {
  readonly source: string
  readonly target: string
  /** Canonical name; undefined for a cast without function. */
  readonly routine?: string
  readonly implicit: boolean
  readonly extension?: string
}

/** An identifier as it stands in a canonical name: quoted only where a dot or a quote would make it ambiguous. */
export const canonicalIdentifier = (name: string): string =>
  name.includes(".") || name.includes("\"") ? `"${name.replaceAll("\"", "\"\"")}"` : name

export const canonicalName = (schema: string, name: string): string =>
  `${canonicalIdentifier(schema)}.${canonicalIdentifier(name)}`

export const emptySnapshot: Snapshot = {
  version: 0,
  path: ["public"],
  schemas: new Set(["public", "pg_catalog", "information_schema"]),
  relations: new Map(),
  children: new Map(),
  routines: new Map(),
  types: new Map(),
  operators: new Map(),
  casts: [],
  servers: new Map()
}

/** The qualified name in a RangeVar. */
export const rangeVarName = (range: Body): { readonly schema: string | undefined; readonly name: string } => ({
  schema: range["schemaname"] as string | undefined,
  name: range["relname"] as string
})
