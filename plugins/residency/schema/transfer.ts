import * as Schema from "effect/Schema"
import { moment } from "./moment.ts"
import { Names, OperationWord, withDefault } from "./words.ts"

const recipients = Schema.Union([Schema.Literal("any"), Names]).annotate({
  description: "`any`, or a list of: party names (their runtime and their model), gateway, recorder, upstream:PIPELINE."
})
const dataSets = Schema.optionalKey(Names.annotate({ description: "Data sets that are covered." }))
const classes = Schema.optionalKey(
  Names.annotate({ description: "Data sets that carry any of these classes are covered too." })
)
const operations = withDefault(
  Schema.Array(OperationWord),
  ["read"],
  "Operations that are covered. Only read when left out."
)
const validFrom = Schema.optionalKey(moment("The first day (UTC), or the first instant, on which it holds."))

/** A cap on how many people's data may cross in a window. */
export const SubjectsMax = Schema.Struct({
  count: Schema.Int.check(Schema.isGreaterThan(0)).annotate({ description: "Distinct subjects." }),
  window: Schema.String.annotate({ description: "calendar_year and the like, or a number of days: 365d." }).check(
    Schema.makeFilter((text) =>
      /^(calendar_(day|week|month|quarter|year)|[1-9]\d{0,4}d)$/.test(text)
      || "expected calendar_day, calendar_week, calendar_month, calendar_quarter, calendar_year, or days such as 365d"
    )
  ),
  per: withDefault(
    Schema.Literals(["recipient", "transfer"]),
    "recipient",
    "Whose count it is: each data set's and recipient's own (default), or that of all that leaves by this transfer."
  )
}).annotate({
  description: "A cap on how many people's data may cross in a window: from there on a person must approve, and at "
    + "twice as many the transfer no longer exists."
})

/** A record that makes a crossing lawful. */
export const Transfer = Schema.Struct({
  id: Schema.NonEmptyString.annotate({ description: "What receipts cite. Unique among transfers and exceptions." }),
  from: Schema.NonEmptyString.annotate({ description: "The zone that holds the upstream's place." }),
  to: Schema.NonEmptyString.annotate({ description: "The zone that the sink lies in." }),
  data_sets: dataSets,
  classes,
  recipients,
  operations,
  mechanism: Schema.NonEmptyString.annotate({
    description: "On what ground: adequacy, scc, bcr, consent, derogation…"
  }),
  requires: withDefault(
    Schema.Array(Schema.Literals(["mask", "approve"])),
    [],
    "Conditions: mask (covers reads only, and only callers, models and the recorder), approve."
  ),
  subjects_max: Schema.optionalKey(SubjectsMax),
  masked: Schema.optionalKey(
    Schema.Literals(["free"]).annotate({
      description: "`free`: masked rows do not count towards subjects_max."
    })
  ),
  valid_from: validFrom,
  valid_until: Schema.optionalKey(
    moment("The last day (UTC, included), or the instant from which it no longer holds.")
  ),
  reference: Schema.optionalKey(Schema.String.annotate({ description: "Where the paper is." }))
}).annotate({ description: "A record that makes a crossing lawful. Expired or not yet valid, it does not exist." })
export type Transfer = typeof Transfer.Type

/** A time-boxed allowance with a reason and an owner. Expires closed. */
export const Exception = Schema.Struct({
  id: Schema.NonEmptyString.annotate({ description: "What receipts cite. Unique among transfers and exceptions." }),
  reason: Schema.NonEmptyString.annotate({ description: "Why, for the auditor." }),
  owner: Schema.NonEmptyString.annotate({ description: "Who answers for it." }),
  data_sets: dataSets,
  classes,
  recipients,
  to: Schema.NonEmptyString.annotate({ description: "The zone that the sink lies in." }),
  operations,
  valid_from: validFrom,
  valid_until: moment("The last day (UTC, included), or the instant from which it no longer holds. Never left out.")
}).annotate({ description: "A time-boxed allowance with a reason, an owner and an end." })
export type Exception = typeof Exception.Type
