import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Every kind that an operation can have. */
export const OperationWord = Schema.Literals([
  "session",
  "read",
  "export",
  "write",
  "define",
  "admin",
  "execute",
  "move",
  "unknown"
])

/** How it is known where a party is, weakest first. */
export const EvidenceWord = Schema.Literals(["unknown", "asserted", "network", "workload", "attested"])

/** An option that means `value` when it is left out. The description names the default, for people and editors. */
export const withDefault = <S extends Schema.Top>(schema: S, value: S["Encoded"], description: string) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(
    schema.annotate({ description, default: value }) as unknown as S
  )

/** A list of names. */
export const Names = Schema.Array(Schema.NonEmptyString)
