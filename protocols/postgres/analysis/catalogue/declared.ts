import { parseText } from "../parse/parser.ts"
import type { Node } from "../parse/tree.ts"
import { type Context } from "../resolve/context.ts"
import { Footprint } from "../resolve/footprint.ts"
import { emptyScope } from "../resolve/scope.ts"
import { selectColumns } from "../resolve/select.ts"
import { unresolved } from "../unresolved.ts"
import { apply, type QueryColumns } from "./apply.ts"
import { Draft } from "./draft.ts"
import { emptySnapshot, type Snapshot } from "./snapshot.ts"

/**
 * The catalogue that a text of definitions makes, as `pg_dump --schema-only` writes one. Throws `Unresolved` with the
 * construct that it does not understand. Sessions search `public`, or what the text itself last set.
 */
export const declaredSnapshot = (text: string): Snapshot => {
  const draft = new Draft({ ...emptySnapshot, version: 1 })
  for (const { tag, body } of parseText(text)) {
    if (tag === "SelectStmt" && body["intoClause"] === undefined) clearPath(draft, body)
    else apply(draft, tag, body, queryColumns)
  }
  if (draft.path.length === 0) draft.path = emptySnapshot.path
  return draft.seal()
}

/** Dumps start with `SELECT pg_catalog.set_config('search_path', '', false)`. */
const clearPath = (draft: Draft, body: Node[string]): void => {
  const call = body["targetList"]?.[0]?.["ResTarget"]?.["val"]?.["FuncCall"]
  const name = call?.["args"]?.[0]?.["A_Const"]?.["sval"]?.["sval"]
  if (name === "search_path") draft.path = []
}

/** Columns of a query over what a snapshot knows. */
export const queryColumns: QueryColumns = (snapshot, query) => {
  const select = query["SelectStmt"] ?? unresolved("a view that is no SELECT is not understood")
  const context: Context = { snapshot, path: snapshot.path, footprint: new Footprint(snapshot), depth: 0 }
  return selectColumns(context, select, emptyScope)
}
