import type { Relation, Routine } from "../catalogue/snapshot.ts"
import { examineStatement } from "../effects/examine-statement.ts"
import { parseDefinition } from "../parse/parser.ts"
import { type Piece, procedureOf } from "../parse/procedural.ts"
import { unresolved } from "../unresolved.ts"
import { type Context, within } from "./context.ts"
import { baseColumns } from "./relation-entry.ts"
import { isExaminable } from "./routine-body.ts"
import { emptyScope, type Entry, type Origin, refer, type Scope, sourceOf } from "./scope.ts"

/**
 * Runs through a body in PL/pgSQL. Which branch is taken and what a variable holds is not followed: everything that any
 * piece reads counts as used, and the value that comes out may hold all of it.
 */
export const procedureBody = (context: Context, routine: Routine, row: ReadonlyArray<Entry> = []): Origin => {
  const { pieces, variables } = procedureOf(routine)
  const inside = within(context, routine.path ?? context.path)
  const named = routine.argumentNames.filter((name) => name !== "").map((name) => `${routine.name}.${name}`)
  const scope: Scope = { ...emptyScope, entries: row, variables: new Set([...variables, ...named]) }
  const [, uses] = context.footprint.aside(() => {
    for (const piece of pieces) examinePiece(inside, piece, scope)
  })
  context.footprint.useAll(uses)
  return { how: "derived", sources: uses.map(sourceOf) }
}

/** `old` and `new`, as a trigger's function sees them. */
export const triggerRows = (context: Context, relation: Relation): ReadonlyArray<Entry> => {
  const columns = baseColumns(context, relation, true)
  return ["old", "new"].map((name) => ({ name, columns, named: true, bare: false }))
}

const examinePiece = (context: Context, piece: Piece, scope: Scope): void => {
  const text = piece.mode === "statement"
    ? piece.query
    : `SELECT ${piece.mode === "assignment" ? assigned(piece.query) : piece.query}`
  for (const statement of parseDefinition(text)) {
    if (!isExaminable(statement.tag) || statement.body["intoClause"] !== undefined)
      unresolved(`${statement.tag} in a function's body is not understood`)
    const columns = examineStatement(context, statement, scope)
    for (const column of columns ?? []) refer(context.footprint, column, "transform")
  }
}

/** What stands right of `:=` or `=`, where the left is a name, a field or a part of an array by a plain index. */
const assigned = (query: string): string => {
  const target = /^\s*[a-z_"][\w$"]{0,127}(\s*\.\s*[a-z_"][\w$"]{0,127}){0,2}(\[[\w ]{1,64}\]){0,3}\s*:?=/i.exec(query)
  return target === null ? unresolved("an assignment in PL/pgSQL is not understood") : query.slice(target[0].length)
}
