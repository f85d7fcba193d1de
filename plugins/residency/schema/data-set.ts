import * as Schema from "effect/Schema"
import { EvidenceWord, Names, withDefault } from "./words.ts"

const Kinds = Schema.Record(Schema.String, Schema.String).annotate({
  description: "Field to kind (email, us_ssn, card…). The kind picks the mask. `{}`: no field has a kind."
})

const Named = (what: string) =>
  withDefault(Schema.Record(Schema.String, Kinds), {}, `${what}. A \`*\` in a name stands for any characters.`)

/** Where a data set is found behind one pipeline's upstream. */
export const Selectors = Schema.Struct({
  tables: Named("Tables by canonical name (public.customers), with the kinds of their columns"),
  routes: Named("HTTP routes by method and path (GET /v1/people), with the kinds of JSON pointers"),
  objects: Named("Kubernetes resources by namespace and resource"),
  paths: Named("Hosts and files"),
  topics: Named("Topics, queues and subjects")
}).annotate({ description: "What belongs to the data set behind this pipeline's upstream." })
export type Selectors = typeof Selectors.Type

const column = Schema.NonEmptyString.annotate({
  description: "A column whose value gives the row's home: public.customers.country, or country in every table."
})

/** Which rows are whose home, for a data set that holds several. */
export const ZoneBy = Schema.Union([
  column,
  Schema.Struct({
    column,
    zones: Schema.optionalKey(
      Schema.Record(Schema.String, Schema.NonEmptyString).annotate({
        description: "Value to zone. Left out, the values are the names that stand under `home`."
      })
    ),
    other_rows: withDefault(
      Schema.Literals(["deny", "filter"]),
      "deny",
      "What becomes of rows that the caller may not have: deny refuses the statement (default), filter leaves them out."
    )
  })
]).annotate({
  description:
    "Which rows are whose home. Every row counts as being at any of the homes, unless other rows are filtered."
})

/** When an aggregate is told apart from the rows in it. */
const Aggregates = Schema.Struct({
  rows_min: Schema.Int.check(Schema.isGreaterThanOrEqualTo(2)).annotate({
    description: "The fewest rows that one may be over. The statement itself must leave out smaller groups."
  }),
  leaves: withDefault(
    Schema.Boolean,
    false,
    "Whether a run that has seen nothing but aggregates may write anywhere. Where data may be seen is not changed."
  ),
  group_by: withDefault(
    Names,
    [],
    "Columns that aggregates may be grouped by and shown with: public.orders.region, or region in every table."
  )
}).annotate({
  description: "Count, sum and avg of bare columns join a run's label as `aggregate`. Left out: as the data itself."
})

/** Named data with a home. */
export const DataSet = Schema.Struct({
  home: Names.annotate({ description: "Zones where this data may rest and be seen." }),
  classes: withDefault(Names, [], "Labels, such as personal, health, payment. Transfers and rules may name them."),
  otherwise: withDefault(
    Schema.Literals(["deny", "approve"]),
    "deny",
    "What a crossing that nothing covers gets: deny (default), or approve to hold it for a person."
  ),
  masked: withDefault(
    Schema.Literals(["counts", "leaves"]),
    "counts",
    "Whether masked values are still this data: counts (default), or leaves, when they may go anywhere."
  ),
  aggregates: Schema.optionalKey(Aggregates),
  evidence: Schema.optionalKey(EvidenceWord.annotate({
    description: "How well the place of every caller, actor and model must be known."
  })),
  mode: withDefault(
    Schema.Literals(["enforce", "shadow"]),
    "enforce",
    "shadow records what would have been refused because of this data set, and lets it pass."
  ),
  subject: Schema.optionalKey(Schema.NonEmptyString.annotate({
    description: "The column that identifies a person (public.customers.id). Meters count its values."
  })),
  zone_by: Schema.optionalKey(ZoneBy),
  on: withDefault(
    Schema.Record(Schema.String, Selectors),
    {},
    "By pipeline: the tables, routes, objects, paths and topics that this data set consists of."
  ),
  description: Schema.optionalKey(Schema.String.annotate({ description: "For people." }))
}).annotate({ description: "Named data with a home." })
export type DataSet = typeof DataSet.Type
