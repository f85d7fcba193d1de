import type { OperationKind, Resource } from "../../../core/family/index.ts"
import type { ColumnRef, ColumnUse, ResultShape } from "../../../core/family/sql/index.ts"

/** What an analysis found out about a text, whoever asks it. Plain data, so that it can come from another thread. */
export interface Finding {
  readonly kind: OperationKind
  readonly reads: ReadonlyArray<Resource>
  readonly writes: ReadonlyArray<Resource>
  /** Why not everything that the text touches is known; undefined when it is. */
  readonly unresolved: string | undefined
  readonly tags: ReadonlyArray<string>
  readonly results: ReadonlyArray<ResultShape>
  readonly uses: ReadonlyArray<ColumnUse>
}

/** The most columns that one result can have in PostgreSQL (MaxTupleAttributeNumber). */
const outputsMax = 1664

/**
 * The most that a finding may name: outputs, what each comes from, uses, fields. Whoever judges goes through all of it,
 * more than once.
 */
const namesMax = 12_000

/** What covers a column counts for less: it is one list, which many share. */
const coveringWeight = 0.1

/** Why a finding is too much to be judged, or undefined. */
export const excessOf = ({ reads, results, uses, writes }: Finding): string | undefined => {
  if (results.some(({ columns }) => columns.length > outputsMax)) return `a result of more than ${outputsMax} columns`
  let names = 0
  const count = (refs: ReadonlyArray<ColumnRef>): void => {
    for (const { as = [], within = [] } of refs) names += 1 + as.length + coveringWeight * within.length
  }
  for (const { columns } of results) for (const { sources } of columns) count(sources)
  for (const { columns } of results) names += columns.length
  count(uses)
  for (const { fields = [], within = [] } of [...reads, ...writes]) {
    names += 1 + fields.length + coveringWeight * within.length
  }
  return names > namesMax ? `a text that uses so many columns in so many places (more than ${namesMax})` : undefined
}

/** A finding that says no more than why there is none. */
export const unknownFinding = (reason: string): Finding => ({
  kind: "unknown",
  reads: [],
  writes: [],
  unresolved: reason,
  tags: [],
  results: [],
  uses: []
})
