import {
  columnKey,
  type ColumnRef,
  type ColumnUse,
  type Source,
  type UseKind
} from "../../../../core/family/sql/index.ts"
import type { Relation } from "../catalogue/snapshot.ts"
import { unresolved } from "../unresolved.ts"
import type { Footprint } from "./footprint.ts"

/** Where a value comes from, as in `Lineage`. */
export interface Origin {
  readonly how: "copy" | "derived" | "constant"
  readonly sources: ReadonlyArray<Source>
}

export const constant: Origin = { how: "constant", sources: [] }

/** A column that names can mean: of a relation, a subquery, a join. */
export interface Column {
  readonly name: string
  readonly origin: Origin
  /** As in `RelationColumn`; undefined when it is not known. */
  readonly type?: string
  /** What referring to it entails: how a view computes it, and the view's own column. */
  readonly trail?: ReadonlyArray<ColumnUse>
  readonly via?: ReadonlyArray<ColumnRef>
  /** The mention whose column it is, and its name there. */
  readonly place?: Place
}

/** A column of a mention: see `Mentions`. */
export interface Place {
  readonly mention: number
  readonly name: string
}

/** Something in FROM, as names see it. */
export interface Entry {
  /** Undefined for a join or subquery without an alias. */
  readonly name: string | undefined
  readonly schema?: string
  readonly columns: ReadonlyArray<Column>
  /** The relation behind it, for its system columns and whole rows. */
  readonly relation?: Relation
  /** Where in the text its relation is named: see `Mentions`. */
  readonly mention?: number
  /** Whether `name.column` and `name.*` mean it. */
  readonly named: boolean
  /** Whether `*` shows it and a bare column name may mean one of its columns: not so for `excluded`, `old`, `new`. */
  readonly bare: boolean
}

/** What names mean in one query, and around it. */
export interface Scope {
  readonly entries: ReadonlyArray<Entry>
  readonly outer: Scope | undefined
  readonly ctes: ReadonlyMap<string, Cte>
  /** Output columns, where ORDER BY and GROUP BY may name them. */
  readonly outputs?: ReadonlyArray<Column>
  /** Names of a function's arguments, where this is its body. */
  readonly variables?: ReadonlySet<string>
}

/** A common table expression: its columns, known once it was resolved. */
export interface Cte {
  readonly columns: ReadonlyArray<Column>
}

export const emptyScope: Scope = { entries: [], outer: undefined, ctes: new Map() }

export const inner = (outer: Scope): Scope => ({ entries: [], outer, ctes: outer.ctes })

/** A value that comes from several others. */
export const derived = (origins: Iterable<Origin>): Origin => {
  const sources = new Map<string, Source>()
  let constantOnly = true
  for (const origin of origins) {
    if (origin.how !== "constant") constantOnly = false
    for (const source of origin.sources) {
      const key = columnKey(source)
      // One whose value matters anywhere is not there for its presence only.
      if (source.presence !== true || !sources.has(key)) sources.set(key, source)
    }
  }
  return constantOnly ? constant : { how: "derived", sources: [...sources.values()] }
}

/** Notes that a column's value is used as `use`, and hands on where it comes from. */
export const refer = (footprint: Footprint, column: Column, use: UseKind): Origin => {
  follow(footprint, column)
  for (const source of column.origin.sources) footprint.use(source, use)
  return column.origin
}

/** What was used, as the source of a value. */
export const sourceOf = ({ use, ...column }: ColumnUse): Source =>
  use === "presence" ? { ...column, presence: true } : column

/** Notes what a column entails, without using its value. */
export const follow = (footprint: Footprint, column: Column): void => {
  if (column.trail !== undefined) footprint.useAll(column.trail)
  for (const via of column.via ?? []) footprint.show(via)
}

const systemColumns = new Set(["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"])

/** The system column of an entry that is a relation, or undefined. It tells of the row, not of a column. */
const systemColumn = (entry: Entry, name: string): Column | undefined => {
  const { relation } = entry
  if (relation === undefined || !systemColumns.has(name)) return undefined
  if (relation.kind === "view" || relation.kind === "composite") return undefined
  return { name, origin: { how: "derived", sources: name === "tableoid" ? placing(entry, relation) : [] } }
}

/** What says in which partition a row stands. An alias may have renamed the columns, not moved them. */
const placing = ({ columns }: Entry, { columns: own, partitionedBy = [] }: Relation): ReadonlyArray<Source> =>
  columns.flatMap(({ origin }, i) => partitionedBy.includes(own[i]?.name ?? "") ? origin.sources : [])

/** What a bare name means. Looks outwards, as PostgreSQL does: the innermost query that knows the name decides. */
export const findBare = (scope: Scope, name: string): Column | undefined => {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const found: Array<Column> = []
    for (const entry of at.entries) {
      if (!entry.bare) continue
      for (const column of entry.columns) if (column.name === name) found.push(column)
    }
    if (found.length > 1) return unresolved("an ambiguous column name is not understood")
    if (found.length === 1) return found[0]
    const system = at.entries.filter((entry) => entry.bare).flatMap((entry) => systemColumn(entry, name) ?? [])
    if (system.length > 1) return unresolved("an ambiguous system column is not understood")
    if (system.length === 1) return system[0]
    if (at.variables?.has(name) === true) return { name, origin: constant }
  }
  return undefined
}

/** The entry that a qualifier means, looking outwards. */
export const findEntry = (scope: Scope, schema: string | undefined, name: string): Entry | undefined => {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const found = at.entries.filter((entry) =>
      entry.named && entry.name === name && (schema === undefined || entry.schema === schema)
    )
    if (found.length > 1) return unresolved("an ambiguous table name is not understood")
    if (found.length === 1) return found[0]
  }
  return undefined
}

export const columnOf = (entry: Entry, name: string): Column | undefined => {
  const found = entry.columns.filter((column) => column.name === name)
  if (found.length > 1) return unresolved("an ambiguous column name is not understood")
  return found[0] ?? systemColumn(entry, name)
}

/** A whole row as one value. */
export const wholeRow = (entry: Entry, footprint: Footprint): Origin => {
  for (const column of entry.columns) follow(footprint, column)
  return { how: "derived", sources: derived(entry.columns.map((column) => column.origin)).sources }
}

/** Whether a name is a query's CTE, looking outwards. */
export const findCte = (scope: Scope, name: string): Cte | undefined => {
  return scope.ctes.get(name)
}

export const withEntries = (scope: Scope, entries: ReadonlyArray<Entry>): Scope => ({
  ...scope,
  entries: [...scope.entries, ...entries]
})
