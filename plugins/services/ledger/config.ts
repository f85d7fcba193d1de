import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const described = (description: string) => ({ description })

/** What stands under `with:` of `ledger: { use: files }`. */
export const FilesConfig = Schema.Struct({
  directory: Schema.NonEmptyString.annotate(described(
    "Folder for the ledger, relative to the file. One gateway writes to it. Beside it stand its keys (.key, .digest), "
      + "its public key (.pub) and its lock (.lock)."
  )),
  at: Schema.NonEmptyString.annotate(described(
    "The place where the folder's disk is: recordings are a sink like any other, and policy judges it."
  )),
  sync: Schema.Literals(["interval", "before_forward"])
    .annotate(described(
      "interval: records are written before an operation is forwarded, and made durable every sync_milliseconds. "
        + "before_forward: they are durable before it is forwarded, so that a loss of power loses none."
    ))
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed("interval" as const))),
  sync_milliseconds: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))
    .annotate(described("How often records are made durable under sync: interval."))
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed(100))),
  segment_bytes_max: Schema.Int.check(Schema.isBetween({ minimum: 4096, maximum: 1_073_741_824 }))
    .annotate(described("A file of records that has grown this large is closed, and another begun."))
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed(67_108_864)))
})
export type FilesConfig = typeof FilesConfig.Type
