import * as Effect from "effect/Effect"
import type { PluginError } from "../../core/index.ts"
import type { Reader } from "../../core/protocol/index.ts"
import type { Relation } from "./relations.ts"

/** How much of an upstream is looked at, and how gently. */
export interface Gentleness {
  /** Rows of each table. */
  readonly rows: number
  readonly tablesPerSecond: number
  readonly statementMillis: number
}

/** The values of each column that could be read, by its name; NULLs left out. */
export type Sample = ReadonlyMap<string, ReadonlyArray<string>>

/** Pages of a large table that are read, about: half a megabyte. */
const pagesMost = 64
/** Waiting longer than this for a lock would hold up those who wait behind it. */
const lockMillis = 500

/**
 * Some rows of a table: those of a few pages anywhere in it, or its first where it is small or was never counted. It
 * happens in a transaction that can only read, in which neither views nor foreign tables can be read, and that waits
 * for little.
 */
export const sample = (
  reader: Reader,
  relation: Relation,
  gentleness: Gentleness
): Effect.Effect<Sample, PluginError> => {
  const columns = relation.columns.filter(({ text }) => text !== undefined)
  if (columns.length === 0) return Effect.succeed(new Map())
  const read = Effect.gen(function*() {
    yield* reader.query(settings(gentleness))
    const some = yield* reader.query(statement(relation, gentleness.rows, true))
    // What the upstream believes of the table's size may be old.
    return some.length > 0 || relation.pages <= pagesMost
      ? some
      : yield* reader.query(statement(relation, gentleness.rows, false))
  })
  return Effect.map(transaction(reader, read), (rows) =>
    new Map(columns.map(({ name }, index) => [
      name,
      rows.flatMap((row) => row[`c${index}`] == null ? [] : [row[`c${index}`]!])
    ])))
}

const transaction = <A>(reader: Reader, work: Effect.Effect<A, PluginError>): Effect.Effect<A, PluginError> =>
  Effect.gen(function*() {
    yield* reader.query("begin transaction read only")
    return yield* Effect.ensuring(work, Effect.ignore(reader.query("rollback")))
  })

/** For this transaction alone. The last setting is there since the minor releases of August 2024. */
const settings = ({ statementMillis }: Gentleness): string =>
  `select pg_catalog.set_config(name, case name when 'statement_timeout' then '${statementMillis}'
      when 'lock_timeout' then '${lockMillis}' else 'view, foreign-table' end, true)
    from pg_catalog.pg_settings
    where name in ('statement_timeout', 'lock_timeout', 'restrict_nonsystem_relation_kind')`

const statement = ({ columns, pages, quoted, rows }: Relation, most: number, sampled: boolean): string => {
  const texts = columns.flatMap(({ text }) => text === undefined ? [] : [text])
  const share = Math.min(1, pagesMost / Math.max(1, pages))
  const expected = rows * share
  const spread = expected > most * 2 ? ` where pg_catalog.random() < ${((most * 2) / expected).toFixed(9)}` : ""
  const how = sampled ? ` tablesample system (${(share * 100).toFixed(6)})${spread}` : ""
  return `select ${texts.map((text, index) => `${text} as c${index}`).join(", ")} from ${quoted}${how} limit ${most}`
}
