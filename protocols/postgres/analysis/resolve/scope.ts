import {
  columnKey,
  type ColumnRef,
  type ColumnUse,
  type Source,
  type UseKind
} from "../../../../core/family/sql/index.ts"
import type { Relation } from "../catalogue/snapshot.ts"
import { spend } from "../guard/work.ts"
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

/** Lists of sources that are known to hold none twice. */
const distinct = new WeakSet<ReadonlyArray<Source>>()

const isDistinct = (sources: ReadonlyArray<Source>): boolean => sources.length < 2 || distinct.has(sources)

/** A value that comes from several others. */
export const derived = (origins: ReadonlyArray<Origin>): Origin => {
  if (origins.every(({ how }) => how === "constant")) return constant
  const [only, another] = origins.filter((origin) => origin.sources.length > 0)
  // Nearly always there is nothing to mix: `name || ' '`, `id = 1`.
  if (another === undefined && (only === undefined || isDistinct(only.sources))) {
    return { how: "derived", sources: only?.sources ?? [] }
  }
  const sources = new Map<string, Source>()
  for (const origin of origins) {
    for (const source of origin.sources) {
      spend(stepsOf(source))
      const key = columnKey(source)
      // One whose value matters anywhere is not there for its presence only.
      if (source.presence !== true || !sources.has(key)) sources.set(key, source)
    }
  }
  const all = [...sources.values()]
  distinct.add(all)
  return { how: "derived", sources: all }
}

/** Notes that a column's value is used as `use`, and hands on where it comes from. */
export const refer = (footprint: Footprint, column: Column, use: UseKind): Origin => {
  follow(footprint, column)
  footprint.useEach(column.origin.sources, use)
  return column.origin
}

/** What it costs to tell a column from others: its key names all that cover it. */
const COVERING_STEPS = 0.1

export const stepsOf = ({ as = [], within = [] }: ColumnRef): number =>
  2 + COVERING_STEPS * (as.length * 10 + within.length)

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

/** What it costs to look a name up in one entry. */
const ENTRY_STEPS = 0.2

/** Up to so many columns are looked through; for more, their names are sorted once. */
const LOOKED_THROUGH_MAX = 16

const sorted = new WeakMap<ReadonlyArray<Column>, ReadonlyMap<string, ReadonlyArray<Column>>>()

/** Those of an entry's columns that have a name. */
const columnsNamed = (columns: ReadonlyArray<Column>, name: string): ReadonlyArray<Column> => {
  if (columns.length <= LOOKED_THROUGH_MAX) return columns.filter((column) => column.name === name)
  let byName = sorted.get(columns)
  if (byName === undefined) {
    spend(columns.length)
    sorted.set(columns, byName = Map.groupBy(columns, (column) => column.name))
  }
  return byName.get(name) ?? []
}

/** What a bare name means. Looks outwards, as PostgreSQL does: the innermost query that knows the name decides. */
export const findBare = (scope: Scope, name: string): Column | undefined => {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    spend(at.entries.length * ENTRY_STEPS)
    const found: Array<Column> = []
    for (const entry of at.entries) if (entry.bare) found.push(...columnsNamed(entry.columns, name))
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
    spend(at.entries.length * ENTRY_STEPS)
    const found = at.entries.filter((entry) =>
      entry.named && entry.name === name && (schema === undefined || entry.schema === schema)
    )
    if (found.length > 1) return unresolved("an ambiguous table name is not understood")
    if (found.length === 1) return found[0]
  }
  return undefined
}

export const columnOf = (entry: Entry, name: string): Column | undefined => {
  const found = columnsNamed(entry.columns, name)
  if (found.length > 1) return unresolved("an ambiguous column name is not understood")
  return found[0] ?? systemColumn(entry, name)
}

const rows = new WeakMap<ReadonlyArray<Column>, Origin>()

/** A whole row as one value. */
export const wholeRow = ({ columns }: Entry, footprint: Footprint): Origin => {
  spend(columns.length * COVERING_STEPS)
  for (const column of columns) follow(footprint, column)
  let row = rows.get(columns)
  if (row === undefined) {
    rows.set(columns, row = { how: "derived", sources: derived(columns.map((column) => column.origin)).sources })
  }
  return row
}

/** Whether a name is a query's CTE, looking outwards. */
export const findCte = (scope: Scope, name: string): Cte | undefined => {
  return scope.ctes.get(name)
}

export const withEntries = (scope: Scope, entries: ReadonlyArray<Entry>): Scope => ({
  ...scope,
  entries: [...scope.entries, ...entries]
})
