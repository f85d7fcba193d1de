import type { Routine } from "../catalogue/snapshot.ts"
import { examineStatement } from "../effects/examine-statement.ts"
import { parseDefinition } from "../parse/parser.ts"
import { type ParsedStatement, tagOf } from "../parse/tree.ts"
import { unresolved } from "../unresolved.ts"
import { type Context, within } from "./context.ts"
import { type Column, constant, derived, emptyScope, type Origin, refer, type Scope } from "./scope.ts"

const examinable = new Set([
  "SelectStmt",
  "InsertStmt",
  "UpdateStmt",
  "DeleteStmt",
  "MergeStmt",
  "NotifyStmt",
  "ReturnStmt"
])

/** Whether a body may hold such a statement. One that defines things would change what the text around it means. */
export const isExaminable = (tag: string): boolean => examinable.has(tag)

/** Runs through the body of a function in SQL. Its value comes from what its last statement shows. */
export const routineBody = (context: Context, routine: Routine): Origin => {
  const columns = routineColumns(context, routine)
  return derived([constant, ...columns.map((column) => refer(context.footprint, column, "transform"))])
}

/** The columns that the body's last statement shows. */
export const routineColumns = (context: Context, routine: Routine): ReadonlyArray<Column> => {
  const inside = within(context, routine.path ?? context.path)
  const statements = statementsOf(routine)
  const variables = new Set(
    routine.argumentNames.flatMap((name) => name === "" ? [] : [name, `${routine.name}.${name}`])
  )
  const scope: Scope = { ...emptyScope, variables }
  let columns: ReadonlyArray<Column> = []
  for (const statement of statements) {
    if (!isExaminable(statement.tag) || statement.body["intoClause"] !== undefined)
      unresolved(`${statement.tag} in a function's body is not understood`)
    const result = examineStatement(inside, statement, scope)
    columns = result ?? []
  }
  return columns
}

const statementsOf = (routine: Routine): ReadonlyArray<ParsedStatement> => {
  const { text, statements } = routine.body ?? {}
  if (statements !== undefined) {
    return statements.map((node) => {
      const tag = tagOf(node)
      return tag === undefined ? unresolved("a function's body is not understood") : { tag, body: node[tag]! }
    })
  }
  return text === undefined ? unresolved("a function whose body is not known is not understood") : parseDefinition(text)
}
