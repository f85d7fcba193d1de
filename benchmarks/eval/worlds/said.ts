import type { ColumnRef } from "../../../core/family/sql/index.ts"
import type { Finding } from "../../../protocols/postgres/analysis/finding.ts"
import type { Said } from "./influence.ts"

const steering = new Set(["predicate", "join", "order", "group", "compare", "write"])

/**
 * What an analysis says of each column that an answer hangs on. That only its presence matters is left out: masks keep
 * NULLs, so nothing is hidden for it.
 */
export const saidOf = ({ results, uses }: Finding): ReadonlyArray<Said> => {
  const all = new Map<string, { table: string; column: string; outputs: Set<number>; steers: boolean }>()
  const entry = ({ column, table }: ColumnRef) => {
    const key = JSON.stringify([table, column])
    const one = all.get(key) ?? { table, column, outputs: new Set(), steers: false }
    all.set(key, one)
    return one
  }
  results.at(-1)?.columns.forEach(({ sources }, at) => {
    for (const source of sources) if (source.presence !== true) entry(source).outputs.add(at)
  })
  for (const use of uses) if (steering.has(use.use)) entry(use).steers = true
  return [...all.values()].filter(({ outputs }) => outputs.size > 0)
}
