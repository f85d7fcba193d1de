import * as Schema from "effect/Schema"

/** A named set of places. */
export const Zone = Schema.Struct({
  includes: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({
      description: "Zones and places that belong to this zone. A name that appears only here is a place. "
        + "Without it, the zone is itself a place."
    })
  ),
  excludes: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({
      description: "Zones and places taken out again from what `includes` gives."
    })
  ),
  description: Schema.optionalKey(Schema.String.annotate({ description: "For people." }))
}).annotate({ description: "A named set of places: a legal area, a country, a cloud region." })
export type Zone = typeof Zone.Type
