import type { UseKind } from "../../../../core/family/sql/index.ts"
import { type BuiltIn, builtIns, isBuiltInType } from "../builtins/functions.ts"
import { type Hazard, hazardOf, isTrustedExtension, movesData } from "../builtins/hazards.ts"
import { findRoutines, findType } from "../catalogue/lookup.ts"
import type { Routine } from "../catalogue/snapshot.ts"
import { type Body, literalOf, type Node, stringsOf } from "../parse/tree.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"
import type { Context } from "./context.ts"
import { endpointOf } from "../effects/endpoint.ts"
import { judgeSetConfig } from "../effects/settings.ts"
import { asDerived, rowNamed, value, values } from "./expression.ts"
import { columnOf, constant, derived, type Origin, refer, type Scope } from "./scope.ts"
import { presenceOf } from "./presence.ts"
import { procedureBody } from "./procedure-body.ts"
import { routineBody } from "./routine-body.ts"
import { windowUses } from "./select.ts"

/** A call, as it stands in a text. */
export interface Call {
  readonly schema: string | undefined
  readonly name: string
  readonly args: ReadonlyArray<Node>
}

const fields = new Set([
  "funcname",
  "args",
  "agg_order",
  "agg_filter",
  "over",
  "agg_within_group",
  "agg_star",
  "agg_distinct",
  "func_variadic",
  "funcformat",
  "location"
])

/** Everything that a name with so many arguments may call. */
export interface Candidates {
  readonly builtIns: ReadonlyArray<BuiltIn>
  readonly routines: ReadonlyArray<Routine>
}

export const callOf = (body: Body): Call => {
  for (const field in body) if (!fields.has(field)) return notUnderstood(`FuncCall.${field}`)
  const names = stringsOf(body["funcname"])
  if (names.length > 2) return notUnderstood("a function's name of three parts")
  return { schema: names.length === 2 ? names[0] : undefined, name: names.at(-1)!, args: body["args"] ?? [] }
}

export const candidatesOf = (context: Context, call: Call, body: Body): Candidates => {
  const variadic = body["func_variadic"] === true
  const ordered = body["agg_within_group"] === true ? (body["agg_order"] as ReadonlyArray<Node>).length : 0
  const count = call.args.length + ordered
  const fits = (candidate: { readonly argumentsMin: number; readonly argumentsMax: number }): boolean =>
    variadic || (count >= candidate.argumentsMin && (candidate.argumentsMax < 0 || count <= candidate.argumentsMax))
  const own = call.schema === undefined || call.schema === "pg_catalog"
    ? builtIns(call.name)
    : call.schema === "information_schema"
    ? builtIns(`information_schema.${call.name}`)
    : []
  return {
    builtIns: own.filter(fits),
    routines: findRoutines(context.snapshot, context.path, call.schema, call.name).filter(fits)
  }
}

export const functionCall = (context: Context, body: Body, scope: Scope, use: UseKind): Origin => {
  const call = callOf(body)
  const candidates = candidatesOf(context, call, body)
  const aggregate = candidates.builtIns.some((one) => one.kind === "a")
    || candidates.routines.some((one) => one.kind === "aggregate")
  const window = body["over"] !== undefined
  if (candidates.builtIns.length + candidates.routines.length === 0) return withoutCandidate(context, call, scope, use)
  const inside = aggregate && use === "transform" ? "aggregate" : use
  const ordered = body["agg_within_group"] === true
    ? (body["agg_order"] as ReadonlyArray<Node>).map((order) => order["SortBy"]!["node"] as Node)
    : []
  const given = countedPresence(context, body, call, candidates, scope)
    ?? values(context, [...call.args, ...ordered], scope, inside)
  const parts = [given, judgeCall(context, call, candidates)]
  steering(context, body, scope)
  const { how, sources } = derived(parts)
  const computes = how === "derived" || aggregate || window || candidates.routines.length > 0 || returnsRows(candidates)
  return { how: computes ? "derived" : "constant", sources }
}

/** `count(column)` looks at nothing but whether the column is NULL. */
const countedPresence = (
  context: Context,
  body: Body,
  call: Call,
  candidates: Candidates,
  scope: Scope
): Origin | undefined => {
  const plain = call.name === "count" && call.args.length === 1 && candidates.routines.length === 0
    && body["agg_distinct"] !== true && body["agg_order"] === undefined && body["func_variadic"] !== true
  return plain ? presenceOf(context, call.args[0]!, scope) : undefined
}

const returnsRows = (candidates: Candidates): boolean => candidates.builtIns.some((one) => one.volatility === "v")

/** FILTER, ORDER BY inside the call, and OVER. */
const steering = (context: Context, body: Body, scope: Scope): void => {
  if (body["agg_filter"] !== undefined) value(context, body["agg_filter"], scope, "predicate")
  for (const order of body["agg_order"] ?? []) {
    const sort = (order as Node)["SortBy"]!
    if (sort["useOp"] !== undefined) operatorCall(context, stringsOf(sort["useOp"]))
    value(context, sort["node"], scope, "order")
  }
  if (body["agg_distinct"] === true) values(context, body["args"], scope, "compare")
  if (body["over"] !== undefined) windowUses(context, body["over"], scope)
}

/** A name that no function has: a column written as a call, or a type. */
const withoutCandidate = (context: Context, call: Call, scope: Scope, use: UseKind): Origin => {
  const [only] = call.args
  if (call.args.length === 1 && only !== undefined && call.schema === undefined) {
    const row = rowNamed(only, scope)
    const column = row === undefined ? undefined : columnOf(row, call.name)
    if (column !== undefined) return asDerived(refer(context.footprint, column, use))
    if (isBuiltInType(call.name) && findType(context.snapshot, context.path, undefined, call.name) === undefined) {
      return asDerived(value(context, only, scope, use))
    }
  }
  if (movesData(call.name)) return judgeMove(context, call)
  context.footprint.raise("execute")
  return unresolved(`a function that is not known: ${call.name}`)
}

/** Every candidate must be safe; what a safe one in SQL reads is part of the value. */
export const judgeCall = (context: Context, call: Call, candidates: Candidates): Origin => {
  if (candidates.builtIns.length > 0) judgeBuiltIn(context, call, candidates.builtIns)
  const parts: Array<Origin> = [constant]
  for (const routine of candidates.routines) parts.push(judgeRoutine(context, routine, call))
  return derived(parts)
}

const judgeBuiltIn = (context: Context, call: Call, overloads: ReadonlyArray<BuiltIn>): void => {
  if (call.name === "set_config") return judgeSetConfig(context, call.args)
  if (call.name === "current_setting") return
  const hazard = hazardOf(call.name, overloads.some((one) => one.volatility === "v"))
  if (hazard !== undefined) applyHazard(context, call.name, hazard)
}

const applyHazard = (context: Context, name: string, hazard: Hazard): void => {
  context.footprint.raise(hazard.kind)
  if (hazard.reads !== undefined) context.footprint.readOther("server", hazard.reads)
  if (hazard.writes !== undefined) context.footprint.writeOther("server", hazard.writes)
  if (hazard.reason !== undefined) unresolved(`${name}: ${hazard.reason}`)
}

const judgeMove = (context: Context, call: Call): never => {
  context.footprint.raise("move")
  context.footprint.writeOther("endpoint", endpointOf(call.args.map(literalOf)))
  return unresolved(`${call.name}: it opens a connection to another server`)
}

/** What a routine that someone defined does, and what its value comes from. */
export const judgeRoutine = (context: Context, routine: Routine, call: Call): Origin => {
  if (movesData(routine.name)) return judgeMove(context, call)
  if (isTrustedExtension(routine.extension) && hazardOf(routine.name, false) === undefined) return constant
  if (routine.language === "sql" && routine.kind !== "aggregate") return routineBody(context, routine)
  if (routine.language === "plpgsql") return inExecution(context, () => procedureBody(context, routine))
  context.footprint.raise("execute")
  const what = routine.kind === "function" ? "function" : routine.kind
  return unresolved(
    `a ${what} in ${routine.language || "an unknown language"} is not understood: its effect is not known`
  )
}

/** A body that cannot be followed runs code whose effect is not known. */
export const inExecution = <A>(context: Context, body: () => A): A => {
  try {
    return body()
  } catch (error) {
    context.footprint.raise("execute")
    throw error
  }
}

/** As `judgeRoutine`, for functions that stand behind operators, casts and triggers. */
export const judgeRoutineNamed = (context: Context, name: string): void => {
  if (name.startsWith("pg_catalog.")) {
    const bare = name.slice("pg_catalog.".length)
    const overloads = builtIns(bare)
    if (overloads.length > 0) return judgeBuiltIn(context, { schema: "pg_catalog", name: bare, args: [] }, overloads)
  }
  const routines = context.snapshot.routines.get(name) ?? []
  if (routines.length === 0) return unresolved("a function behind an operator or cast is not known")
  for (const routine of routines)
    judgeRoutine(context, routine, { schema: routine.schema, name: routine.name, args: [] })
}

/** Operators that someone defined are functions. PostgreSQL's own compute values. */
export const operatorCall = (context: Context, names: ReadonlyArray<string>): void => {
  const name = names.at(-1)!
  const schema = names.length > 1 ? names[0] : undefined
  for (const operator of context.snapshot.operators.get(name) ?? []) {
    if (schema !== undefined && operator.schema !== schema) continue
    if (schema === undefined && !context.path.includes(operator.schema) && operator.schema !== "pg_catalog") continue
    if (!isTrustedExtension(operator.extension)) judgeRoutineNamed(context, operator.routine)
  }
}
