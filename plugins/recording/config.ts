import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const flag = (fallback: boolean, description: string) =>
  Schema.Boolean.annotate({ description }).pipe(Schema.withDecodingDefaultKey(Effect.succeed(fallback)))

/** What stands under `with:` of `{ use: recording }`. */
export const RecordingConfig = Schema.Struct({
  answers: flag(false, "Record every answer as the client saw it, after masking."),
  inputs: flag(
    false,
    "Record what clients send into COPY. Its size and keyed digest are recorded in any case, and nothing more of what "
      + "goes into protected data sets."
  ),
  parameters: flag(true, "Record the values of parameters. Otherwise only their keyed digests are."),
  keep_days: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 36_500 })).annotate({
      description:
        "Records older than this may be deleted, whole files of them; a stub stays and proves what they were. "
        + "The longest wish of all pipelines on one ledger counts. Left out: nothing is ever deleted."
    })
  )
})
export type RecordingConfig = typeof RecordingConfig.Type
