import { isBuiltInType } from "../builtins/functions.ts"
import { isTrustedExtension } from "../builtins/hazards.ts"
import { findRelation, findType } from "../catalogue/lookup.ts"
import {
  canonicalName,
  type Expression,
  type Relation,
  type Snapshot,
  type UserCast,
  type UserType
} from "../catalogue/snapshot.ts"
import { type Body, stringsOf } from "../parse/tree.ts"
import { unresolved } from "../unresolved.ts"
import { type Context, within } from "./context.ts"
import { value } from "./expression.ts"
import { expressionOf } from "./relation-entry.ts"
import { judgeRoutineNamed } from "./routines.ts"
import { constant, emptyScope, type Origin } from "./scope.ts"

/** What converting to a type runs. The value itself is the caller's. */
export const castTo = (context: Context, typeName: Body): Origin => {
  const names = stringsOf(typeName["names"])
  const name = names.at(-1)!
  const schema = names.length > 1 ? names.at(-2) : undefined
  if (names.length > 2 || typeName["pct_type"] === true)
    return unresolved("a type's name of this form is not understood")
  const type = findType(context.snapshot, context.path, schema, name)
  if ((schema === undefined || schema === "pg_catalog") && isBuiltInType(name)) {
    judgeCasts(context, name)
    return constant
  }
  if (type !== undefined) {
    judgeType(context, type)
    return constant
  }
  const relation = findRelation(context.snapshot, context.path, schema, name)
  if (relation === undefined) return unresolved("a type that is not known is not understood")
  judgeParts(context, relation)
  return constant
}

/** As `castTo`, for a type as the catalogue spells it. A built-in one runs nothing. */
export const judgeTypeNamed = (context: Context, spelled: string): void => {
  const name = spelled.replace(/(\[\])+$/, "")
  const type = context.snapshot.types.get(name)
  if (type !== undefined) return judgeType(context, type)
  const relation = name.includes(".") ? context.snapshot.relations.get(name) : undefined
  if (relation !== undefined) judgeParts(context, relation)
}

/** Putting a row together runs what its columns' types run. */
const judgeParts = (context: Context, relation: Relation): void => {
  const inside = within(context, context.path)
  for (const { type } of relation.columns) judgeTypeNamed(inside, type)
}

/** The default of a domain, or of the one under it. */
export const defaultOf = (snapshot: Snapshot, spelled: string): Expression | undefined => {
  const seen = new Set<UserType>()
  let type = snapshot.types.get(spelled)
  while (type !== undefined && type.default === undefined && !seen.has(type)) {
    seen.add(type)
    type = type.base === undefined ? undefined : snapshot.types.get(type.base)
  }
  return type?.default
}

const judgeType = (context: Context, type: UserType): void => {
  judgeCasts(context, canonicalName(type.schema, type.name))
  if (isTrustedExtension(type.extension)) return
  if (type.kind === "base") return unresolved("a base type that is not PostgreSQL's own is not understood")
  for (const check of type.checks ?? []) {
    value(within(context, []), expressionOf(check), { ...emptyScope, variables: new Set(["value"]) }, "predicate")
  }
  const own = type.kind === "composite"
    ? context.snapshot.relations.get(canonicalName(type.schema, type.name))
    : undefined
  if (own !== undefined) judgeParts(context, own)
  const base = type.base === undefined ? undefined : context.snapshot.types.get(type.base)
  if (base !== undefined) judgeType(within(context, context.path), base)
}

/** Casts that someone defined run a function: each that could apply to the type must be safe. */
const judgeCasts = (context: Context, type: string): void => {
  for (const cast of context.snapshot.casts) {
    if (cast.source === type || cast.target === type) judgeCast(context, cast)
  }
}

/** Casts that may run without being asked for, wherever a value meets another type. */
export const judgeImplicitCasts = (context: Context): void => {
  for (const cast of context.snapshot.casts) if (cast.implicit) judgeCast(context, cast)
}

const judgeCast = (context: Context, cast: UserCast): void => {
  if (cast.routine !== undefined && !isTrustedExtension(cast.extension)) judgeRoutineNamed(context, cast.routine)
}
