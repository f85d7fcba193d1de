import * as Schema from "effect/Schema"
import { EvidenceWord, Names, withDefault } from "./words.ts"

/** A zone or place by name, or the verified claim whose value names one. */
export const At = Schema.Union([
  Schema.NonEmptyString,
  Schema.Struct({
    claim: Schema.NonEmptyString.annotate({
      description: "A verified claim of the token; its value names a zone or place."
    })
  })
])
export type At = typeof At.Type

const at = At.annotate({
  description:
    "Where the bytes are: a zone or place, or { claim: NAME }. Without it the place is unknown, and no data passes."
})

/** Which identities a party is. */
export const Match = Schema.Struct({
  issuer: Schema.optionalKey(Schema.NonEmptyString.annotate({
    description: "The token's issuer. May be left out where only one is trusted."
  })),
  subject: Schema.optionalKey(Schema.NonEmptyString.annotate({
    description: "The subject, exactly; or a pattern in which `*` stands for any characters."
  })),
  group: Schema.optionalKey(Schema.NonEmptyString.annotate({ description: "A group that the identity must be in." }))
}).annotate({ description: "All of what is given must hold. The most specific party wins." })
export type Match = typeof Match.Type

/** Anyone who sees data and proves who they are: a person, an agent, a service. */
export const Party = Schema.Struct({
  match: Match,
  at: Schema.optionalKey(at),
  under: Schema.optionalKey(Schema.NonEmptyString.annotate({
    description: "Whose law can compel disclosure: a zone or place. Rules may ask for it."
  })),
  agent: withDefault(Schema.Boolean, false, "True for an agent. A party with a model is one anyway."),
  model: Schema.optionalKey(
    Schema.Struct({
      at: Schema.optionalKey(at),
      under: Schema.optionalKey(
        Schema.NonEmptyString.annotate({ description: "Whose law the model's provider is under." })
      ),
      evidence: Schema.optionalKey(EvidenceWord.annotate({
        description: "How the model's place is known. As the party's own when left out."
      }))
    }).annotate({ description: "The model endpoint that this agent sends what it reads to. A sink of its own." })
  ),
  clearance: withDefault(Names, [], "Zones whose data this identity may touch. None when left out."),
  evidence: Schema.optionalKey(EvidenceWord.annotate({
    description: "How it is known where this party is. What the session's own proof gives when left out."
  })),
  description: Schema.optionalKey(Schema.String.annotate({ description: "For people." }))
}).annotate({ description: "Anyone who sees data." })
export type Party = typeof Party.Type
