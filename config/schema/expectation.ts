import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Name, Text } from "./common.ts"

const words = (description: string) => Schema.Array(Schema.String).annotate({ description })

const identity = {
  subject: Text("Who it is, as the issuer's tokens say in `sub`."),
  issuer: Schema.optionalKey(Text("Whose token it is; the only issuer that is configured, unless named.")),
  groups: words("The caller's groups.").pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  claims: Schema.Record(Schema.String, Schema.Unknown).annotate({ description: "Verified claims of the token." }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed({}))
  )
}

/** Someone for whom a decision is explained, instead of a login. */
export const Caller = Schema.Struct({
  ...identity,
  actors: Schema.Array(Schema.Union([Text("The actor's subject."), Schema.Struct(identity)])).annotate({
    description:
      "Everyone between the subject and the gateway, the nearest first: subjects, or the same shape as the caller."
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  evidence: Schema.Literals(["unknown", "asserted", "network", "workload", "attested"]).annotate({
    description: "How it is known where the caller is. The default is what a token alone gives: `asserted`."
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed("asserted" as const)))
}).annotate({ description: "Who asks." })
export type Caller = typeof Caller.Type

const Decision = Schema.Literals(["allow", "mask", "approve", "deny"])

export const Expect = Schema.Struct({
  decision: Schema.optionalKey(Decision.annotate({ description: "What the residency engine answers." })),
  outcome: Schema.optionalKey(Decision.annotate({ description: "What the pipeline makes of it." })),
  code: Schema.optionalKey(Text("The code of the denial, such as `residency`.")),
  cites: Schema.optionalKey(
    Schema.Union([Text("A transfer, exception or rule."), words("All of these.")]).annotate({
      description: "Transfers, exceptions or rules that the answer must rest on."
    })
  ),
  obligations: Schema.optionalKey(
    Schema.Array(Schema.Literals(["mask", "approve"])).annotate({
      description: "Exactly these obligations, in any order."
    })
  )
}).check(
  Schema.makeFilter((expect) =>
    Object.keys(expect).length > 0 || "must expect something: a test that cannot fail is none"
  )
)

const pipeline = Name("The pipeline that is asked.")
const ask = Text("What is asked, in the protocol's own words, such as SQL.")
const at = Schema.optionalKey(Text("The time of asking, in ISO 8601; now, unless given."))
const schema = Schema.optionalKey(
  Text("Path of a file of definitions (DDL), from the file's folder, to resolve names in.")
)
const expect = Expect.annotate({ description: "What must come out." })

/** One question of a test, and its answer. */
export const Step = Schema.Struct({ pipeline, as: Caller, ask, at, schema, expect })
export type Step = typeof Step.Type

/** One of the file's own tests: one question, or several steps in a row. */
export const Expectation = Schema.Struct({
  name: Text("What the test shows, in a few words."),
  pipeline: Schema.optionalKey(pipeline),
  as: Schema.optionalKey(Caller),
  ask: Schema.optionalKey(ask),
  at,
  schema,
  expect: Schema.optionalKey(expect),
  steps: Schema.optionalKey(
    Schema.NonEmptyArray(Step).annotate({
      description: "Several questions in a row, instead of one: what is allowed counts as seen by its run in the next."
    })
  )
}).check(Schema.makeFilter((test) => {
  const missing = (["pipeline", "as", "ask", "expect"] as const).filter((key) => test[key] === undefined)
  if (test.steps === undefined) {
    return missing.length === 0 || `is missing ${missing.join(", ")} (or \`steps\`, for several questions in a row)`
  }
  return missing.length === 4 || "has `steps`, so what is asked and expected stands there and nowhere else"
}))
export type Expectation = typeof Expectation.Type

/** The steps of a test; a test of one question is one. */
export const stepsOf = (test: Expectation): ReadonlyArray<Step> => {
  if (test.steps === undefined) return [test as Step]
  const inherited = {
    ...(test.at === undefined ? {} : { at: test.at }),
    ...(test.schema === undefined ? {} : { schema: test.schema })
  }
  return test.steps.map((step) => ({ ...inherited, ...step }))
}
