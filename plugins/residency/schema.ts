import * as Schema from "effect/Schema"
import { DataSet } from "./schema/data-set.ts"
import { Party } from "./schema/party.ts"
import { Rule } from "./schema/rule.ts"
import { Taint } from "./schema/taint.ts"
import { Exception, Transfer } from "./schema/transfer.ts"
import { withDefault } from "./schema/words.ts"
import { Zone } from "./schema/zone.ts"

/**
 * The file's `residency:`. Decoding changes nothing but left-out options, so that every error keeps its place; names
 * are looked up by `compileWorld`.
 */
export const ResidencySection = Schema.Struct({
  otherwise: withDefault(
    Schema.Literals(["deny", "allow"]),
    "deny",
    "What a resource in no data set gets: deny (default), or allow."
  ),
  unresolved: withDefault(
    Schema.Literals(["deny", "approve"]),
    "deny",
    "What an operation gets whose reads and writes are not all known: deny (default), or approve to hold it for a "
      + "person, judged as if it touched every data set of the upstream."
  ),
  zones: withDefault(Schema.Record(Schema.String, Zone), {}, "Named sets of places."),
  data_sets: withDefault(Schema.Record(Schema.String, DataSet), {}, "Named data, with a home."),
  parties: withDefault(Schema.Record(Schema.String, Party), {}, "Who may call, and where they are."),
  transfers: withDefault(Schema.Array(Transfer), [], "Records that make crossings lawful."),
  exceptions: withDefault(Schema.Array(Exception), [], "Time-boxed allowances."),
  rules: withDefault(Schema.Array(Rule), [], "The operator's own rules. They can only make an answer stricter."),
  taint: Schema.optionalKey(Taint)
}).annotate({ description: "Where data may rest and be seen, who may touch it, and what makes a crossing lawful." })
export type ResidencySection = typeof ResidencySection.Type
