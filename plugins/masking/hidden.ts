import type { Operation, Protection } from "../../core/index.ts"
import type { Statement } from "../../core/family/sql/index.ts"
import { shieldOf } from "./shield.ts"

/** An output whose values the caller does not see, or that is computed of such values. */
export interface Hidden {
  /** The output's name. */
  readonly output: string
  /** `schema.table.column`, and the column's kind. */
  readonly column: string
  readonly kind: string
  /** Whether it is the column and nothing else: then the answer is masked; else the statement computes with masks. */
  readonly bare: boolean
}

/** What of the answers to `asked` is hidden where `protection` holds, in the order of the outputs. */
export const hiddenOutputs = (asked: Operation, protection: Protection, reveals: boolean): ReadonlyArray<Hidden> => {
  const shield = shieldOf(protection, reveals)
  if (shield === undefined || !isStatement(asked)) return []
  return asked.results.flatMap(({ columns }) => columns).flatMap(({ how, name, sources }) =>
    sources.flatMap((source): ReadonlyArray<Hidden> => {
      const kind = source.presence === true ? undefined : shield.kindOf(source)
      const bare = how === "copy" && sources.length === 1
      return kind === undefined ? [] : [{ output: name, column: `${source.table}.${source.column}`, kind, bare }]
    })
  )
}

const isStatement = (operation: Operation): operation is Statement => "results" in operation
