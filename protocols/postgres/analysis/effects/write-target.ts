import { isBuiltInTrigger } from "../builtins/functions.ts"
import { isSystemSchema } from "../builtins/system-relations.ts"
import { descendants } from "../catalogue/lookup.ts"
import { canonicalName, type Expression, type Relation } from "../catalogue/snapshot.ts"
import { unresolved } from "../unresolved.ts"
import { procedureOf } from "../parse/procedural.ts"
import { type Context, within } from "../resolve/context.ts"
import { value } from "../resolve/expression.ts"
import { expressionOf, judgePolicies, relationEntry } from "../resolve/relation-entry.ts"
import { procedureBody, triggerRows } from "../resolve/procedure-body.ts"
import { inExecution, judgeRoutineNamed } from "../resolve/routines.ts"
import { defaultOf, judgeTypeNamed } from "../resolve/types.ts"
import { emptyScope } from "../resolve/scope.ts"

export type WriteEvent = "insert" | "update" | "delete" | "truncate"

/**
 * Notes that a relation is written, with everything that follows of itself: generated columns, defaults, triggers,
 * rules, a view's own table. `fields` undefined: all columns.
 */
export const judgeWrite = (
  context: Context,
  relation: Relation,
  event: WriteEvent,
  fields: ReadonlyArray<string> | undefined,
  only: boolean
): void => {
  const { footprint, snapshot } = context
  // Rows that are put into a parent stay there, unless its partitions share them out.
  const alone = only || (event === "insert" && relation.kind === "table")
  for (const field of fields ?? []) {
    if (!relation.columns.some((column) => column.name === field)) {
      unresolved("a column that is not known is not understood")
    }
  }
  const computed = relation.columns.flatMap((column) => column.generated === undefined ? [] : [column.name])
  footprint.write(relation, fields === undefined ? undefined : [...fields, ...computed], alone)
  if (isSystemSchema(relation.schema)) {
    footprint.raise("admin")
    unresolved("a write to a system relation is not understood")
  }
  if (relation.kind === "view") return throughView(context, relation, event, fields)
  if (relation.kind === "materialised" || relation.kind === "sequence" || relation.kind === "composite") {
    return unresolved("a write to something that is no table is not understood")
  }
  if (relation.kind === "foreign") {
    footprint.raise("move")
    footprint.writeOther("endpoint", snapshot.servers.get(relation.server ?? "") ?? "unknown")
  }
  consequences(context, relation, event, fields)
  for (const child of alone ? [] : descendants(snapshot, canonicalName(relation.schema, relation.name))) {
    const found = snapshot.relations.get(child)
    if (found !== undefined) consequences(context, found, event, fields)
  }
}

const consequences = (
  context: Context,
  relation: Relation,
  event: WriteEvent,
  fields: ReadonlyArray<string> | undefined
): void => {
  if (relation.rules.includes(event)) unresolved("a rule on the written relation is not understood")
  judgePolicies(context, relation, true)
  for (const trigger of relation.triggers)
    if (trigger.events.includes(event)) judgeTrigger(context, relation, event, trigger.routine)
  for (const { event: on, relation: name, effect } of relation.cascades ?? []) {
    if (on === event) cascadeTo(context, name, effect)
  }
  if (event === "insert" || event === "update") judgeRows(context, relation)
  if (event === "insert") judgeDefaults(context, relation, fields)
}

/** What runs for every row that is put into a relation: its constraints, its indexes, and its columns' domains. */
const judgeRows = (context: Context, relation: Relation): void => {
  for (const name of relation.calls ?? []) judgeRoutineNamed(context, name)
  for (const { type } of relation.columns) judgeTypeNamed(context, type)
}

/** What fills the columns that are not `given`; a domain's own default does where the column has none. */
export const judgeDefaults = (context: Context, relation: Relation, given: ReadonlyArray<string> = []): void => {
  for (const column of relation.columns) {
    if (given.includes(column.name)) continue
    const held = column.default ?? defaultOf(context.snapshot, column.type)
    if (held !== undefined) judgeDefault(context, held)
  }
}

/** A foreign key carries the change on to the rows that refer to the changed ones. */
const cascadeTo = (context: Context, name: string, effect: "delete" | "update"): void => {
  const key = `${effect} ${name}`
  if (context.cascades?.has(key) === true) return
  const referring = context.snapshot.relations.get(name)
  if (referring === undefined) return unresolved("a relation that a foreign key changes is not known")
  judgeWrite({ ...context, cascades: new Set([...context.cascades ?? [], key]) }, referring, effect, undefined, false)
  // SET DEFAULT.
  if (effect === "update") judgeDefaults(context, referring)
}

/** What a trigger's function does is part of the write. Its rows are the written relation's. */
const judgeTrigger = (context: Context, relation: Relation, event: WriteEvent, name: string): void => {
  if (name.startsWith("pg_catalog.") && isBuiltInTrigger(name.slice("pg_catalog.".length))) return
  const [routine, more] = context.snapshot.routines.get(name) ?? []
  inExecution(context, () => {
    if (routine === undefined || more !== undefined || routine.language !== "plpgsql") {
      return unresolved("a trigger on the written relation runs code whose effect is not known")
    }
    // The rows that it is shown are read, whoever changed them.
    if (event !== "insert") context.footprint.read(relation, true)
    const { changed } = procedureOf(routine)
    const own = relation.columns.map((column) => column.name)
    context.footprint.write(relation, changed === undefined ? undefined : own.filter((name) => changed.has(name)), true)
    return procedureBody(context, routine, triggerRows(context, relation))
  })
}

/** A default's own sequence is part of the table. Any other function in it is judged like one in the text. */
const judgeDefault = (context: Context, held: Expression): void => {
  if (typeof held === "string" && /^(pg_catalog\.)?nextval\('[^']*'::regclass\)$/.test(held)) return
  value(within(context, context.path), expressionOf(held), emptyScope, "transform")
}

/** A write through a view lands in the table under it. */
const throughView = (
  context: Context,
  view: Relation,
  event: WriteEvent,
  fields: ReadonlyArray<string> | undefined
): void => {
  if (view.rules.includes(event)) unresolved("a rule on the written view is not understood")
  for (const trigger of view.triggers)
    if (trigger.events.includes(event)) judgeTrigger(context, view, event, trigger.routine)
  if (event === "insert") judgeDefaults(context, view, fields)
  const entry = relationEntry(context, view, true)
  const written = entry.columns.filter((column) => fields === undefined || fields.includes(column.name))
  const targets = new Map<string, Set<string>>()
  for (const column of written) {
    if (column.origin.how !== "copy") unresolved("a write to a computed column of a view is not understood")
    for (const source of column.origin.sources) {
      const known = targets.get(source.table) ?? new Set()
      targets.set(source.table, known.add(source.column))
    }
  }
  for (const [table, columns] of targets) {
    const relation = context.snapshot.relations.get(table)
    if (relation === undefined) return unresolved("the table under a view is not known")
    judgeWrite(context, relation, event, event === "delete" ? undefined : [...columns], false)
  }
}
