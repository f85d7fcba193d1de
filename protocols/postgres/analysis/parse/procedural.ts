import { parsePlPgSQLSync } from "libpg-query"
import type { Routine } from "../catalogue/snapshot.ts"
import { scan } from "../guard/scan.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"

/** A piece of SQL inside a body in PL/pgSQL. `mode` says what it is (parser/parser.h, RawParseMode). */
export interface Piece {
  readonly query: string
  readonly mode: "statement" | "expression" | "assignment"
}

/** What a body in PL/pgSQL consists of, without its order: every piece of SQL in it, and the names of its variables. */
export interface Procedure {
  readonly pieces: ReadonlyArray<Piece>
  readonly variables: ReadonlySet<string>
  /** Fields of `new` that a trigger's function may set; undefined: any. */
  readonly changed: ReadonlySet<string> | undefined
}

/** Statements and parts that run nothing but the pieces of SQL that stand in them. */
const allowed = new Set([
  "function",
  "var",
  "rec",
  "row",
  "recfield",
  "type",
  "stmt_block",
  "stmt_assign",
  "stmt_if",
  "if_elsif",
  "stmt_case",
  "case_when",
  "stmt_loop",
  "stmt_while",
  "stmt_fori",
  "stmt_fors",
  "stmt_foreach_a",
  "stmt_exit",
  "stmt_return",
  "stmt_return_next",
  "stmt_return_query",
  "stmt_raise",
  "raise_option",
  "stmt_assert",
  "stmt_execsql",
  "stmt_perform",
  "stmt_getdiag",
  "diag_item",
  "exception_block",
  "exception",
  "condition"
])

const tag = "$sluice_body$"
const procedures = new WeakMap<Routine, Procedure>()

/** Takes a body in PL/pgSQL apart. Dynamic SQL, cursors, CALL and transaction control are refused. */
export const procedureOf = (routine: Routine): Procedure => {
  const known = procedures.get(routine)
  if (known !== undefined) return known
  const body = routine.body?.text
  if (body === undefined) return unresolved("a function whose body is not known is not understood")
  if (scan(body, undefined) !== undefined || body.includes(tag)) return notUnderstood("a body in PL/pgSQL")
  const procedure = take(parse(routine, body))
  procedures.set(routine, procedure)
  return procedure
}

/** Types say nothing here: every argument is taken for text. A body that takes an argument apart is then refused. */
const parse = (routine: Routine, body: string): unknown => {
  const ins = routine.argumentNames.map((name) => `${name === "" ? "" : quoted(name)} text`)
  const outs = (routine.outputs ?? []).filter((name) => !routine.argumentNames.includes(name))
    .map((name) => `OUT ${quoted(name)} text`)
  const returns = routine.returns === "trigger"
    ? "RETURNS trigger"
    : outs.length > 1
    ? routine.set ? "RETURNS SETOF record" : "RETURNS record"
    : `RETURNS ${routine.set ? "SETOF " : ""}${routine.returns === "void" ? "void" : "text"}`
  const what = routine.kind === "procedure" ? "PROCEDURE f" : "FUNCTION f"
  const head = `CREATE ${what}(${[...ins, ...outs].join(", ")}) ${routine.kind === "procedure" ? "" : returns}`
  try {
    return parsePlPgSQLSync(`${head} LANGUAGE plpgsql AS ${tag}${body}${tag}`)
  } catch {
    return notUnderstood("a body in PL/pgSQL")
  }
}

const quoted = (name: string): string => `"${name.replaceAll("\"", "\"\"")}"`

const modes: Readonly<Record<number, Piece["mode"]>> = {
  0: "statement",
  2: "expression",
  3: "assignment",
  4: "assignment",
  5: "assignment"
}

const take = (tree: unknown): Procedure => {
  const pieces: Array<Piece> = []
  const variables = new Set<string>()
  const changed = new Set<string>()
  let rows = 0
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return
    for (const [key, part] of Object.entries(node as Readonly<Record<string, any>>)) {
      if (key === "PLpgSQL_expr") pieces.push({ query: part.query, mode: modes[part.parseMode ?? 0] ?? "statement" })
      else if (key === "dynquery" || key === "cursor_explicit_expr") notUnderstood(`PL/pgSQL ${key}`)
      else {
        if (key.startsWith("PLpgSQL_")) note(key.slice("PLpgSQL_".length), part, variables)
        // A trigger's `new` is the first of its variables. It is declared once; seen again, it is set as a whole.
        if (key === "PLpgSQL_recfield" && (part.recparentno ?? 0) === 0) changed.add(part.fieldname)
        if (key === "PLpgSQL_rec" && part.refname === "new") rows++
        walk(part)
      }
    }
  }
  walk(tree)
  const whole = rows > 1 || pieces.some(({ mode, query }) => mode === "assignment" && /^\s*"?new"?\s*:?=/i.test(query))
  return { pieces, variables, changed: whole ? undefined : changed }
}

const note = (name: string, part: Readonly<Record<string, any>>, variables: Set<string>): void => {
  if (!allowed.has(name)) notUnderstood(`PL/pgSQL ${name.replace(/^stmt_/, "").toUpperCase()}`)
  const variable = part["refname"] as string | undefined
  if (variable === undefined || (name !== "var" && name !== "rec")) return
  variables.add(variable)
  // A row's fields: whatever they are, they hold what the body's own queries read.
  variables.add(`${variable}.*`)
}
