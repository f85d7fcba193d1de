import * as Schema from "effect/Schema"
import { withDefault } from "./words.ts"

const claim = (description: string) => Schema.optionalKey(Schema.NonEmptyString.annotate({ description }))

const Days = Schema.Union([Schema.Int.check(Schema.isGreaterThanOrEqualTo(2)), Schema.Literal("never")])

/** What an agent has seen limits where it may write. */
export const Taint = Schema.Struct({
  mode: withDefault(
    Schema.Literals(["strict", "balanced", "off", "shadow"]),
    "balanced",
    "strict: every operation is judged. balanced (default): reads with few literals pass. shadow: only recorded. off."
  ),
  literal_bytes_max: withDefault(
    Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
    512,
    "balanced: how many bytes of literals one run may send in reads."
  ),
  forget_after_days: withDefault(
    Schema.Struct({
      runs: withDefault(Days, 90, "What runs have seen. A run of that name that comes later is a new one."),
      agents: withDefault(Days, "never", "What an agent or a person has seen without a run, and in all its runs."),
      stores: withDefault(
        Days,
        "never",
        "What clings to tables, topics and upstreams. What was written there does not go with it."
      )
    }),
    {},
    "After how many days without use labels are forgotten. Never while a session rests on them."
  ),
  run_claim: claim("The verified claim that names the run. Without one the label belongs to the agent."),
  parent_run_claim: claim(
    "The verified claim that names the run that this one was started by: it has that one's label, and what it "
      + "reads joins that one's, because it may answer."
  )
}).annotate({ description: "What an agent has seen limits where it may write. Left out: balanced, by agent." })
export type Taint = typeof Taint.Type
