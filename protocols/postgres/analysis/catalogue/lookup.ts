import { systemRelation } from "../builtins/system-relations.ts"
import { canonicalName, type Relation, type Routine, type Snapshot, type UserType } from "./snapshot.ts"

/** The name of the schema where a session's temporary objects are kept here. PostgreSQL numbers its own. */
export const temporarySchema = "pg_temp"

/**
 * The schemas in which an unqualified name is looked for. `pg_catalog` comes first unless the path names it; temporary
 * relations come last, because the gateway pins `pg_temp` at the path's end.
 */
const searched = function*(path: ReadonlyArray<string>, temporary: boolean): Generator<string> {
  if (!path.includes("pg_catalog")) yield "pg_catalog"
  if (temporary && !path.includes(temporarySchema)) {
    yield* path
    yield temporarySchema
  } else yield* path
}

/** The relation that a name means, or undefined. */
export const findRelation = (
  snapshot: Snapshot,
  path: ReadonlyArray<string>,
  schema: string | undefined,
  name: string
): Relation | undefined => {
  if (schema !== undefined) return relationAt(snapshot, schema, name)
  for (const candidate of searched(path, true)) {
    const found = relationAt(snapshot, candidate, name)
    if (found !== undefined) return found
  }
  return undefined
}

/** A live upstream says itself what system relations it has; otherwise they are PostgreSQL 18's. */
const relationAt = (snapshot: Snapshot, schema: string, name: string): Relation | undefined =>
  snapshot.relations.get(canonicalName(schema, name))
    ?? (snapshot.relations.has("pg_catalog.pg_class") ? undefined : systemRelation(schema, name))

/** Every routine that a name may mean: overloads across the whole path, since argument types are not compared. */
export const findRoutines = (
  snapshot: Snapshot,
  path: ReadonlyArray<string>,
  schema: string | undefined,
  name: string
): ReadonlyArray<Routine> => {
  if (schema !== undefined) return snapshot.routines.get(canonicalName(schema, name)) ?? []
  const all: Array<Routine> = []
  for (const candidate of searched(path, false))
    all.push(...snapshot.routines.get(canonicalName(candidate, name)) ?? [])
  return all
}

export const findType = (
  snapshot: Snapshot,
  path: ReadonlyArray<string>,
  schema: string | undefined,
  name: string
): UserType | undefined => {
  if (schema !== undefined) return snapshot.types.get(canonicalName(schema, name))
  for (const candidate of searched(path, true)) {
    const found = snapshot.types.get(canonicalName(candidate, name))
    if (found !== undefined) return found
  }
  return undefined
}

/** The relation's partitions and inheriting tables, all the way down. */
export const descendants = (snapshot: Snapshot, relation: string): ReadonlyArray<string> => {
  if (!snapshot.children.has(relation)) return NONE
  let known = below.get(snapshot)
  if (known === undefined) below.set(snapshot, known = new Map())
  let found = known.get(relation)
  if (found === undefined) known.set(relation, found = allBelow(snapshot, relation))
  return found
}

const NONE: ReadonlyArray<never> = Object.freeze([])

/** A table of many partitions is asked for them at each of its columns. */
const below = new WeakMap<Snapshot, Map<string, ReadonlyArray<string>>>()

const allBelow = (snapshot: Snapshot, relation: string): ReadonlyArray<string> => {
  const all = new Set<string>()
  const visit = (name: string): void => {
    for (const child of snapshot.children.get(name) ?? []) {
      if (all.has(child)) continue
      all.add(child)
      visit(child)
    }
  }
  visit(relation)
  return [...all]
}

/** The relation's partition and inheritance parents, all the way up. */
export const ancestors = (snapshot: Snapshot, relation: Relation): ReadonlyArray<string> => {
  const all = new Set<string>()
  const visit = (parents: ReadonlyArray<string>): void => {
    for (const parent of parents) {
      if (all.has(parent)) continue
      all.add(parent)
      visit(snapshot.relations.get(parent)?.parents ?? [])
    }
  }
  visit(relation.parents)
  return [...all]
}
