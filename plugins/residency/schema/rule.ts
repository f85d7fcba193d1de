import * as Schema from "effect/Schema"

/** The operator's own word. Can only make an answer stricter. */
export const Rule = Schema.Struct({
  name: Schema.NonEmptyString.annotate({ description: "What receipts cite. Unique." }),
  when: Schema.NonEmptyString.annotate({
    description: "A CEL expression over operation, caller, actors, data_sets, sinks, upstream, now. "
      + "One that cannot be evaluated denies."
  }),
  then: Schema.Literals(["deny", "approve", "mask"]).annotate({
    description: "What the answer becomes at least. mask: everything that is read comes masked."
  })
}).annotate({ description: "A rule of the operator's own. It can only make an answer stricter." })
export type Rule = typeof Rule.Type
