import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const count = (description: string, minimum: number, maximum: number, fallback: number) =>
  Schema.Int.annotate({ description }).check(Schema.isBetween({ minimum, maximum })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(fallback))
  )

/** What stands under `with:` of `use: approval`. */
export const ApprovalConfig = Schema.Struct({
  approvers: Schema.Array(Schema.NonEmptyString).check(
    Schema.isMinLength(1, { message: "must name a group: with none, nobody could approve" })
  ).annotate({ description: "Groups whose members may approve. Nobody approves what they ask for themselves." }),
  quorum: count("How many distinct people must say yes.", 1, 16, 1),
  within_seconds: count("How long an operation waits for its approval, and an approval for its use.", 1, 604_800, 900),
  reason_required: Schema.Boolean.annotate({ description: "Whoever decides must say why." }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(false))
  ),
  clients: Schema.Literals(["wait", "retry"]).annotate({
    description:
      "`wait` (default) holds the operation while the client waits. `retry` refuses it with a request's name; "
      + "once that is requested and approved, the same operation passes, once."
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed("wait" as const))),
  open_max_per_identity: count("Requests of one identity that may be open at once.", 1, 1000, 8),
  per_minute_max: count("Requests that one identity may make in a minute.", 1, 1000, 30),
  open_max: count("Requests that may be open at once, of everybody.", 1, 10_000, 200)
}).annotate({ description: "Holds what needs a person's yes until enough of them said so." })
export type ApprovalConfig = typeof ApprovalConfig.Type
