import * as Effect from "effect/Effect"
import { type ColumnDecision, decideColumn } from "../../core/detect/index.ts"
import type { PluginError } from "../../core/index.ts"
import type { Reader } from "../../core/protocol/index.ts"
import { readRelations, type Relation } from "./relations.ts"
import { type Gentleness, type Sample, sample } from "./sample.ts"

/** A column that looks as if it should be hidden. It never has a value. */
export interface Sensitive {
  readonly table: string
  readonly column: string
  readonly kind: string
  /** What it is, more closely: `es_dni`, `first_name`. */
  readonly type: string
  readonly evidence: ReadonlyArray<string>
}

/** What a look at an upstream has shown. */
export interface Survey {
  /** Names of all tables, and how many columns they have together. */
  readonly tables: ReadonlyArray<string>
  readonly columns: number
  readonly sensitive: ReadonlyArray<Sensitive>
  /** Tables that were judged by their columns' names alone, and why. */
  readonly unread: ReadonlyArray<{ readonly table: string; readonly reason: string }>
}

/** Looks at every table once, one after the other, at most so many in a second. `progress` hears 0 to 1. */
export const survey = (
  reader: Reader,
  schemas: ReadonlyArray<string>,
  gentleness: Gentleness,
  progress: (share: number) => void
): Effect.Effect<Survey, PluginError> =>
  Effect.gen(function*() {
    const relations = yield* readRelations(reader, schemas)
    const sensitive: Array<Sensitive> = []
    const unread: Array<Survey["unread"][number]> = []
    for (const [index, relation] of relations.entries()) {
      progress(index / relations.length)
      const began = performance.now()
      const read: Sample | string = relation.unread ?? (yield* readable(sample(reader, relation, gentleness)))
      if (typeof read === "string") unread.push({ table: relation.name, reason: read })
      sensitive.push(...sensitiveOf(relation, typeof read === "string" ? new Map() : read))
      const left = 1000 / gentleness.tablesPerSecond - (performance.now() - began)
      if (left > 0 && typeof read !== "string" && index < relations.length - 1) yield* Effect.sleep(left)
    }
    const columns = relations.reduce((sum, relation) => sum + relation.columns.length, 0)
    return { tables: relations.map(({ name }) => name), columns, sensitive, unread }
  })

const sensitiveOf = ({ columns, name: table }: Relation, read: Sample): ReadonlyArray<Sensitive> =>
  columns.flatMap(({ comment, name, type }) => {
    const decided: ColumnDecision = decideColumn({ name, type, comment, values: read.get(name) ?? [] })
    return decided.kind === undefined || decided.type === undefined
      ? []
      : [{ table, column: name, kind: decided.kind, type: decided.type, evidence: decided.evidence }]
  })

/** One table's fault is said of that table; a lost connection ends it all. */
const readable = (read: Effect.Effect<Sample, PluginError>): Effect.Effect<Sample | string, PluginError> =>
  Effect.matchEffect(read, {
    onSuccess: (values): Effect.Effect<Sample | string, PluginError> => Effect.succeed(values),
    onFailure: (fault) => {
      const code = /\(([0-9A-Z]{5})\)/.exec(fault.message)?.[1]
      return code === undefined || /^(08|57P|53|28)/.test(code)
        ? Effect.fail(fault)
        : Effect.succeed(reasons[code] ?? `reading it failed (${code})`)
    }
  })

const reasons: Readonly<Record<string, string>> = {
  "42501": "the credential may not read it",
  "42P01": "it is gone",
  "55P03": "it is locked",
  "57014": "reading it took too long"
}
