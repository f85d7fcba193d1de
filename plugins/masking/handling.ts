import * as Schema from "effect/Schema"
import type { UseKind } from "../../core/family/sql/index.ts"

/** What becomes of protected columns that are more than bare outputs. */
export interface Handling {
  readonly derived: "rewrite" | "deny"
  readonly predicates: "deny" | "masked" | "allow"
}

export const handlingFields = {
  derived: Schema.optionalKey(
    Schema.Literals(["rewrite", "deny"]).annotate({
      description:
        "What becomes of values that are computed from a protected column. rewrite (the default): the statement "
        + "is rewritten so that it computes with masks. deny: it is refused."
    })
  ),
  predicates: Schema.optionalKey(
    Schema.Literals(["deny", "masked", "allow"]).annotate({
      description: "What becomes of conditions, joins, sorting, grouping and DISTINCT on a protected column. deny (the "
        + "default): refused; tests for NULL and count(column) pass. masked: masks are compared, which gives safe answers "
        + "that are wrong. allow: values are compared in clear, and what can be inferred is accepted: the record counts it."
    })
  ),
  notices: Schema.optionalKey(
    Schema.Boolean.annotate({
      description: "Whether a client is told, in a NOTICE, how its statement was rewritten. true when left out."
    })
  )
}

/** Uses that put a value into something that is shown. */
export const computes: ReadonlySet<UseKind> = new Set(["transform", "aggregate"])

/** Uses that only steer which rows come, and in which order. */
export const steers: ReadonlySet<UseKind> = new Set(["predicate", "join", "order", "group", "compare"])

/** What shows how values are distributed, whatever else it shows. */
export const explains = (tags: ReadonlyArray<string>): boolean => tags.includes("EXPLAIN")
