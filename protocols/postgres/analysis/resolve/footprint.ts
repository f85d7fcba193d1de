import type { OperationKind, Resource, ResourceKind } from "../../../../core/family/index.ts"
import {
  columnKey,
  type ColumnRef,
  type ColumnUse,
  type Source,
  type UseKind
} from "../../../../core/family/sql/index.ts"
import { ancestors, descendants } from "../catalogue/lookup.ts"
import { canonicalName, type Relation, type Snapshot } from "../catalogue/snapshot.ts"
import { spend } from "../guard/work.ts"
import { unresolved } from "../unresolved.ts"
import type { Mentions } from "./mentions.ts"
import { isSystemSchema, systemResourceKind } from "../builtins/system-relations.ts"
import { stepsOf } from "./scope.ts"

const gravity: Readonly<Record<OperationKind, number>> = {
  session: 0,
  read: 1,
  export: 2,
  write: 3,
  define: 4,
  admin: 5,
  execute: 6,
  move: 7,
  unknown: 8
}

/** The most queries, subqueries and views that one text may come to. */
const queriesMax = 5000
/** The most columns that what a text names may have, each time it names it: what comes of stars and joins is work. */
const columnsMax = 20_000
/** What a query, and a column that something brings along, cost. */
const QUERY_STEPS = 20
const COLUMN_STEPS = 3

interface Touched {
  readonly kind: ResourceKind
  readonly name: string
  /** Undefined: all of them. */
  fields: Set<string> | undefined
  within: ReadonlyArray<string>
}

/** What is known of one text while its analysis goes on: everything it was seen to touch. */
export class Footprint {
  kind: OperationKind = "session"
  /** The catalogue in which what is touched stands: a definition in the text makes it another. */
  snapshot: Snapshot
  #queries = 0
  readonly #reads = new Map<string, Touched>()
  readonly #writes = new Map<string, Touched>()
  #columns = 0
  readonly #uses = new Map<string, ColumnUse>()
  readonly #readings = new Map<string, number>()
  readonly #named = new WeakSet<object>()
  /** Relations that were read before, and in which catalogue. */
  readonly #read = new Map<string, Snapshot>()
  /** What was noted already since the last relation was touched: noting it again changes nothing. */
  readonly #noted = new Set<string>()
  /** Lists of sources that were noted as a whole since then, and as what. */
  #listed: Map<ReadonlyArray<Source>, ReadonlyArray<UseKind>> | undefined
  /** Where the text names what it reads, when someone wants to know. */
  readonly mentions: Mentions | undefined
  /** While a list is here, uses go to it: see `aside`. */
  #aside: Array<ColumnUse> | undefined

  constructor(snapshot: Snapshot, mentions?: Mentions) {
    this.snapshot = snapshot
    this.mentions = mentions
  }

  /** Counts the queries that were resolved. Views of views of views could multiply them without end. */
  step(): void {
    spend(QUERY_STEPS)
    if (++this.#queries > queriesMax) unresolved("a text that resolves to so many queries is not understood")
  }

  /** Counts columns that a relation, a star or a join brings along, before they are looked at. */
  spread(columns: number): void {
    this.#columns += columns
    spend(columns * COLUMN_STEPS)
    if (this.#columns > columnsMax) unresolved("a text that names so many columns is not understood")
  }

  /** The worst kind wins. */
  raise(kind: OperationKind): void {
    if (gravity[kind] > gravity[this.kind]) this.kind = kind
  }

  /** Reads a relation, and with it whatever inherits from it or is its partition. */
  read(relation: Relation, only = false, isMention = false): void {
    this.mentions?.read(relation, isMention)
    if (this.#wasRead(relation, only)) return
    this.#touchRelation(this.#reads, relation, [], only)
  }

  /** Counts how often a table is read: 0 is the first time. */
  reading(table: string): number {
    const count = this.#readings.get(table) ?? 0
    this.#readings.set(table, count + 1)
    return count
  }

  /** Whether a common table expression had not been named before. */
  isFirst(cte: object): boolean {
    return !this.#named.has(cte) && this.#named.add(cte) !== undefined
  }

  /** What was read lies within others too: the tables under a materialised view. */
  readWithin(relation: Relation, tables: ReadonlyArray<string>): void {
    const touched = this.#reads.get(`table ${canonicalName(relation.schema, relation.name)}`)
    if (touched !== undefined) touched.within = [...new Set([...touched.within, ...tables])]
  }

  write(relation: Relation, fields: ReadonlyArray<string> | undefined, only = false): void {
    this.#touchRelation(this.#writes, relation, fields, only)
  }

  /** Reads or writes what is not a relation. */
  readOther(kind: ResourceKind, name: string): void {
    this.#touch(this.#reads, kind, name, undefined, [])
  }

  writeOther(kind: ResourceKind, name: string): void {
    this.#touch(this.#writes, kind, name, undefined, [])
  }

  /** A column's value goes into an output of the text. */
  show(column: ColumnRef): void {
    this.#readColumn(column)
  }

  use(source: Source, how: UseKind): void {
    spend(stepsOf(source))
    const { presence, reading: _, ...column } = source
    const use = presence === true ? "presence" : how
    if (this.#aside !== undefined) {
      this.#aside.push({ ...column, use })
      return
    }
    const key = `${use} ${columnKey(column)}`
    if (!this.#uses.has(key)) this.#uses.set(key, { ...column, use })
    this.#readColumn(column)
  }

  /** The same for all sources of a value. The same list again changes nothing, and is not gone through again. */
  useEach(sources: ReadonlyArray<Source>, how: UseKind): void {
    if (sources.length < 2) {
      for (const source of sources) this.use(source, how)
      return
    }
    const isKept = this.#aside === undefined
    const hows = isKept ? this.#listed?.get(sources) : undefined
    if (hows?.includes(how) === true) return
    for (const source of sources) this.use(source, how)
    if (isKept) (this.#listed ??= new Map()).set(sources, [...hows ?? [], how])
  }

  useAll(uses: Iterable<ColumnUse>): void {
    for (const { use, ...column } of uses) this.use(column, use)
  }

  /** Runs `body` and hands back the uses it recorded, none of which count until they are handed to `useAll`. */
  aside<A>(body: () => A): readonly [A, ReadonlyArray<ColumnUse>] {
    const outer = this.#aside
    const inner: Array<ColumnUse> = []
    this.#aside = inner
    try {
      return [body(), inner]
    } finally {
      this.#aside = outer
    }
  }

  get reads(): ReadonlyArray<Resource> {
    return resourcesOf(this.#reads)
  }
  get writes(): ReadonlyArray<Resource> {
    return resourcesOf(this.#writes)
  }
  get uses(): ReadonlyArray<ColumnUse> {
    return [...this.#uses.values()]
  }

  #wasRead({ name, schema }: Relation, only: boolean): boolean {
    const key = `${only} ${canonicalName(schema, name)}`
    return this.#read.get(key) === this.snapshot || this.#read.set(key, this.snapshot) === undefined
  }

  #readColumn({ column, table }: ColumnRef): void {
    const key = `${column}\0${table}`
    if (this.#noted.has(key)) return
    this.#noted.add(key)
    this.#addField(this.#reads, table, column)
    const below = descendants(this.snapshot, table)
    spend(below.length)
    for (const name of below) this.#addField(this.#reads, name, column)
  }

  #addField(into: Map<string, Touched>, relation: string, field: string): void {
    for (const kind of ["table", "catalogue", "internals"] as const) into.get(`${kind} ${relation}`)?.fields?.add(field)
  }

  #touchRelation(
    into: Map<string, Touched>,
    relation: Relation,
    fields: ReadonlyArray<string> | undefined,
    only: boolean
  ): void {
    const name = canonicalName(relation.schema, relation.name)
    this.#touch(into, relationKind(relation, name), name, fields, ancestors(this.snapshot, relation))
    if (only) return
    const below = descendants(this.snapshot, name)
    spend(below.length * COLUMN_STEPS)
    for (const child of below) {
      const found = this.snapshot.relations.get(child)
      if (found !== undefined) this.#touchRelation(into, found, fields, true)
    }
  }

  #touch(
    into: Map<string, Touched>,
    kind: ResourceKind,
    name: string,
    fields: ReadonlyArray<string> | undefined,
    within: ReadonlyArray<string>
  ): void {
    const key = `${kind} ${name}`
    const found = into.get(key)
    spend(1)
    if (found === undefined) {
      this.#noted.clear()
      this.#listed = undefined
      into.set(key, { kind, name, fields: fields === undefined ? undefined : new Set(fields), within })
    } else if (fields === undefined) found.fields = undefined
    else if (found.fields !== undefined) { for (const field of fields) found.fields.add(field) }
  }
}

const relationKind = (relation: Relation, name: string): ResourceKind =>
  isSystemSchema(relation.schema) ? systemResourceKind(name) : "table"

const resourcesOf = (touched: ReadonlyMap<string, Touched>): ReadonlyArray<Resource> =>
  [...touched.values()].map(({ kind, name, fields, within }) => ({
    kind,
    name,
    ...(fields === undefined ? {} : { fields: [...fields] }),
    ...(within.length === 0 ? {} : { within })
  }))
