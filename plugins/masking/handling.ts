import * as Schema from "effect/Schema"
import type { UseKind } from "../../core/family/sql/index.ts"

/** What becomes of protected columns that are more than bare outputs, and whether the client is told. */
export interface Handling {
  readonly derived: "rewrite" | "deny"
  readonly predicates: "deny" | "masked" | "allow"
  readonly notices: boolean
}

const derived =
  "What becomes of values that are computed from a protected column. rewrite (the default): the statement "
  + "is rewritten so that it computes with masks. deny: it is refused."

const predicates = "What becomes of conditions, joins, sorting, grouping and DISTINCT on a protected column. deny (the "
  + "default): refused; tests for NULL and count(column) pass. masked: masks are compared, which gives safe answers "
  + "that are wrong. allow: values are compared in clear, and what can be inferred is accepted: the record counts it."

const notices = "Whether a client is told, in a NOTICE, how its statement was rewritten. true when left out."

export const handlingFields = {
  derived: Schema.optionalKey(Schema.Literals(["rewrite", "deny"]).annotate({ description: derived })),
  predicates: Schema.optionalKey(Schema.Literals(["deny", "masked", "allow"]).annotate({ description: predicates })),
  notices: Schema.optionalKey(Schema.Boolean.annotate({ description: notices }))
}

/** The options as they are meant, where the file leaves them out. */
export const handlingOf = (given: Partial<Handling>): Handling => ({
  derived: given.derived ?? "rewrite",
  predicates: given.predicates ?? "deny",
  notices: given.notices ?? true
})

/** Uses that put a value into something that is shown. */
export const computes: ReadonlySet<UseKind> = new Set(["transform", "aggregate"])

/** Uses that only steer which rows come, and in which order. */
export const steers: ReadonlySet<UseKind> = new Set(["predicate", "join", "order", "group", "compare"])

/** Whether a statement shows how values are distributed, whatever else it shows. */
export const explains = (tags: ReadonlyArray<string>): boolean => tags.includes("EXPLAIN")
