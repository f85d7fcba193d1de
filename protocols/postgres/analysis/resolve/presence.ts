import type { Snapshot } from "../catalogue/snapshot.ts"
import type { Node } from "../parse/tree.ts"
import type { Context } from "./context.ts"
import { resolveReference } from "./expression.ts"
import { follow, type Origin, type Scope } from "./scope.ts"

/**
 * What a test for NULL learns of a bare column: whether a value is there, and nothing of what it is. Undefined for any
 * other expression, which may be NULL because of what a value is (`nullif(a, 'x')`), and for a column of rows, which
 * IS NULL also where each of its fields is.
 */
export const presenceOf = (context: Context, node: Node, scope: Scope): Origin | undefined => {
  const reference = node["ColumnRef"]
  const column = reference === undefined ? undefined : resolveReference(context, reference, scope)
  if (column === undefined || column.origin.how !== "copy" || isRow(context.snapshot, column.type)) return undefined
  follow(context.footprint, column)
  for (const source of column.origin.sources) context.footprint.use(source, "presence")
  return { how: "derived", sources: column.origin.sources.map((source) => ({ ...source, presence: true as const })) }
}

/** Whether a type is, or stands upon, a composite one. What is not known is taken for one. */
const isRow = (snapshot: Snapshot, type: string | undefined): boolean => {
  if (type === undefined || type === "unknown" || type === "record" || snapshot.relations.has(type)) return true
  // A name in quotes is spelt otherwise in the snapshot.
  if (type.includes("\"") && type !== "\"char\"") return true
  const own = snapshot.types.get(type)
  if (own === undefined) return false
  return own.kind === "composite" || (own.base !== undefined && isRow(snapshot, own.base))
}
