import * as Effect from "effect/Effect"
import type { PluginError } from "../../../../core/exchange/index.ts"
import type { Reader } from "../../../../core/protocol/index.ts"
import { cascade } from "./cascade.ts"
import { Draft } from "./draft.ts"
import {
  callsQuery,
  cascadesQuery,
  castsQuery,
  columnsQuery,
  keysQuery,
  operatorsQuery,
  parentsQuery,
  partitionKeysQuery,
  policiesQuery,
  relationsQuery,
  routinesQuery,
  rulesQuery,
  schemasQuery,
  serversQuery,
  sessionQuery,
  triggersQuery,
  typesQuery
} from "./queries.ts"
import { resolvePath } from "./search-path.ts"
import {
  canonicalName,
  type Cascade,
  emptySnapshot,
  type Relation,
  type RelationKind,
  type Snapshot,
  type UserType
} from "./snapshot.ts"
import { routineOf } from "./routine-row.ts"

export type Row = Readonly<Record<string, string | null>>

/** What was read of an upstream at one time. */
export interface Loaded {
  readonly snapshot: Snapshot
  /** 13 to 18. */
  readonly major: number
}

/** Reads the catalogue of a live upstream. `version` numbers the snapshot. */
export const loadSnapshot = (reader: Reader, version: number): Effect.Effect<Loaded, PluginError> =>
  Effect.gen(function*() {
    const [session] = yield* reader.query(sessionQuery)
    const number = Number(session?.["version"] ?? 0)
    const draft = new Draft({ ...emptySnapshot, version })
    draft.schemas.clear()
    for (const row of yield* reader.query(schemasQuery)) draft.schemas.add(text(row, "name"))
    draft.path = resolvePath(session?.["path"] ?? "", session?.["role"] ?? "", draft.schemas)
    yield* loadRelations(reader, draft)
    for (const row of yield* reader.query(routinesQuery(number))) draft.putRoutine(routineOf(row))
    for (const row of yield* reader.query(typesQuery)) draft.putType(typeOf(row))
    for (const row of yield* reader.query(operatorsQuery)) {
      draft.putOperator({
        schema: text(row, "schema"),
        name: text(row, "name"),
        routine: canonicalName(text(row, "routine_schema"), text(row, "routine")),
        ...extensionOf(row)
      })
    }
    for (const row of yield* reader.query(castsQuery)) {
      const routine = row["routine"]
      draft.casts.push({
        source: text(row, "source"),
        target: text(row, "target"),
        ...(routine == null ? {} : { routine: canonicalName(text(row, "routine_schema"), routine) }),
        implicit: row["context"] !== "e",
        ...extensionOf(row)
      })
    }
    for (const row of yield* reader.query(serversQuery)) {
      draft.servers.set(text(row, "name"), row["host"] == null ? undefined : `${row["host"]}:${row["port"] ?? "5432"}`)
    }
    return { snapshot: draft.seal(), major: Math.floor(number / 10_000) }
  })

export const text = (row: Row, column: string): string => row[column] ?? ""

export const extensionOf = (row: Row): { readonly extension?: string } =>
  row["extension"] == null ? {} : { extension: row["extension"] }

const kinds: Readonly<Record<string, RelationKind>> = {
  S: "sequence",
  c: "composite",
  f: "foreign",
  m: "materialised",
  p: "partitioned",
  r: "table",
  v: "view"
}

/** A relation while its parts come in, query by query. */
type Growing = {
  -readonly [K in keyof Relation]: NonNullable<Relation[K]> extends ReadonlyArray<infer A> ? Array<A> : Relation[K]
}

const loadRelations = (reader: Reader, draft: Draft): Effect.Effect<void, PluginError> =>
  Effect.gen(function*() {
    const relations = new Map<string, Growing>()
    const at = (row: Row): Growing | undefined =>
      relations.get(canonicalName(text(row, "schema"), text(row, "relation")))
    for (const row of yield* reader.query(relationsQuery)) {
      relations.set(canonicalName(text(row, "schema"), text(row, "name")), relationOf(row))
    }
    for (const row of yield* reader.query(columnsQuery)) {
      const expression = row["expression"]
      at(row)?.columns.push({
        name: text(row, "name"),
        type: text(row, "type"),
        ...(text(row, "exact") === text(row, "type") ? {} : { exact: text(row, "exact") }),
        ...(expression == null ? {} : row["generated"] === "" ? { default: expression } : { generated: expression })
      })
    }
    for (const row of yield* reader.query(parentsQuery)) {
      at(row)?.parents.push(canonicalName(text(row, "parent_schema"), text(row, "parent")))
    }
    for (const row of yield* reader.query(keysQuery)) at(row)?.key?.push(text(row, "name"))
    for (const row of yield* reader.query(partitionKeysQuery)) at(row)?.partitionedBy?.push(text(row, "name"))
    for (const row of yield* reader.query(triggersQuery)) {
      at(row)?.triggers.push({
        events: triggerEvents(Number(row["bits"])),
        routine: canonicalName(text(row, "routine_schema"), text(row, "routine"))
      })
    }
    for (const row of yield* reader.query(cascadesQuery)) at(row)?.cascades?.push(...cascadesOf(row))
    for (const row of yield* reader.query(callsQuery)) {
      at(row)?.calls?.push(canonicalName(text(row, "routine_schema"), text(row, "routine")))
    }
    for (const row of yield* reader.query(rulesQuery)) at(row)?.rules.push(ruleEvents[text(row, "event")] ?? "select")
    for (const row of yield* reader.query(policiesQuery)) {
      for (const column of ["using", "check"]) {
        const expression = row[column]
        if (expression != null) at(row)?.policies.push(expression)
      }
    }
    for (const relation of relations.values()) draft.putRelation(relation)
  })

const relationOf = (row: Row): Growing => ({
  schema: text(row, "schema"),
  name: text(row, "name"),
  kind: kinds[text(row, "kind")] ?? "table",
  columns: [],
  parents: [],
  key: [],
  partitionedBy: [],
  triggers: [],
  cascades: [],
  calls: [],
  rules: [],
  policies: [],
  ...(row["definition"] == null ? {} : { definition: { text: row["definition"], path: [] } }),
  ...(row["server"] == null ? {} : { server: row["server"] })
})

const cascadesOf = (row: Row): ReadonlyArray<Cascade> => {
  const relation = canonicalName(text(row, "from_schema"), text(row, "from_relation"))
  return [...cascade("delete", text(row, "d"), relation), ...cascade("update", text(row, "u"), relation)]
}

/** pg_rewrite.ev_type. */
const ruleEvents: Readonly<Record<string, string>> = { "1": "select", "2": "update", "3": "insert", "4": "delete" }

/** Bits of pg_trigger.tgtype (catalog/pg_trigger.h). */
export const triggerEvents = (bits: number): ReadonlyArray<string> =>
  ([["insert", 4], ["delete", 8], ["update", 16], ["truncate", 32]] as const).flatMap(([name, bit]) =>
    (bits & bit) !== 0 ? [name] : []
  )

const typeOf = (row: Row): UserType => ({
  schema: text(row, "schema"),
  name: text(row, "name"),
  kind: typeKinds[text(row, "kind")] ?? "base",
  ...(row["base"] == null ? {} : { base: row["base"], ...modifierOf(row) }),
  ...(row["labels"] == null ? {} : { labels: JSON.parse(row["labels"]) as ReadonlyArray<string> }),
  ...(row["expression"] == null ? {} : { default: row["expression"] }),
  ...(row["checks"] == null ? {} : { checks: JSON.parse(row["checks"]) as ReadonlyArray<string> }),
  ...extensionOf(row)
})

/** -1 says that there is none. */
const modifierOf = (row: Row): { readonly modifier?: number } =>
  Number(row["modifier"] ?? -1) < 0 ? {} : { modifier: Number(row["modifier"]) }

const typeKinds: Readonly<Record<string, UserType["kind"]>> = {
  c: "composite",
  d: "domain",
  e: "enum",
  m: "range",
  r: "range"
}
