import type { Statement } from "../../core/family/sql/index.ts"
import { steers } from "./handling.ts"
import { spelt } from "./judge.ts"
import type { Shield } from "./shield.ts"

/** The protected columns that a statement compares in clear, as `schema.table.column`. */
export const inferredBy = (statement: Statement, shield: Shield | undefined): ReadonlyArray<string> => {
  if (shield === undefined) return []
  const compared = statement.uses.filter((use) => steers.has(use.use) && shield.kindOf(use) !== undefined)
  return [...new Set(compared.map(spelt))].toSorted()
}
