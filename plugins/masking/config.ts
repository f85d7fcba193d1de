import * as Schema from "effect/Schema"
import { detectionFields } from "./detection/index.ts"
import { handlingFields } from "./handling.ts"
import { kinds } from "./kinds.ts"
import { isKeyed, Mask } from "./operators/index.ts"

const Group = Schema.NonEmptyString
const Groups = Schema.Union([Group, Schema.NonEmptyArray(Group)])

/** A kind, or a column as `schema.table.column`; undefined when it is either, else what is wrong. */
const misnamed = (name: string): string | undefined =>
  kinds.has(name) || /^[^.]+\.[^.]+\.[^.]+$/.test(name)
    ? undefined
    : `there is no kind ${name}: write a kind (\`sluice plugins show masking\` lists them) or schema.table.column`

const misnamedIn = (masks: Readonly<Record<string, Mask>>): string | undefined => {
  for (const [name, mask] of Object.entries(masks)) {
    const wrong = misnamed(name) ?? (mask.use === "json"
      ? Object.values(mask.paths).filter((kind) => !kinds.has(kind)).map((kind) =>
        misnamed(kind) ?? `${kind} is no kind`
      )[0]
      : undefined)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

const masksOf = (description: string) =>
  Schema.Record(Schema.String, Mask).annotate({ description }).check(
    Schema.makeFilter((masks: Readonly<Record<string, Mask>>) => misnamedIn(masks) ?? true)
  )

const Relaxed = Schema.Struct({
  parties: Schema.optionalKey(
    Schema.NonEmptyArray(Schema.NonEmptyString).annotate({
      description: "Parties of the residency policy. They must ask themselves: with anyone in between it does not hold."
    })
  ),
  groups: Schema.optionalKey(
    Schema.NonEmptyArray(Group).annotate({
      description: "The caller, and everyone who acts for it, must be in one of these groups."
    })
  ),
  masks: masksOf("What these see; of what is not here, what everybody sees.")
}).check(
  Schema.makeFilter(({ groups, parties }) =>
    groups !== undefined || parties !== undefined || "`parties` or `groups` must say whom these masks are for"
  )
)

const fields = {
  ...handlingFields,
  ...detectionFields,
  reveal_to_group: Schema.optionalKey(
    Groups.annotate({
      description: "Who sees protected columns in clear: the caller, and everyone who acts for it, must be in one of "
        + "these groups. Data sets under an obligation to mask stay masked for all."
    })
  ),
  key: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "The name of the secret that masks with a key are made with, unless one names its own: at least 16 "
        + "bytes that nobody can guess."
    })
  ),
  masks: Schema.optionalKey(
    masksOf(
      "The mask of a kind, or of one column as schema.table.column. A kind that is not here is redacted."
    )
  ),
  for: Schema.optionalKey(
    Schema.NonEmptyArray(Relaxed).annotate({
      description: "Masks for some callers, in place of those that everybody sees. The first that fits counts."
    })
  ),
  obliged: Schema.optionalKey(
    masksOf(
      "Masks for data sets under an obligation to mask, for everybody. Without them all is redacted there: "
        + "neither `masks` nor `for` counts."
    )
  ),
  unmask_to_group: Schema.optionalKey(
    Groups.annotate({
      description:
        "Who may have `sluice unmask` undo a reversible mask: the caller, and everyone who acts for it, must "
        + "be in one of these groups. Left out: nobody."
    })
  ),
  unmask_ledger: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description:
        "The folder of the ledger that `sluice unmask` writes to, when the gateway that runs holds the other."
    })
  )
}

type Fields = Schema.Struct<typeof fields>["Type"]

/** Every mask of a file, with the name that it stands under. */
export const masksIn = (config: Fields): ReadonlyArray<readonly [name: string, mask: Mask]> =>
  [config.masks, config.obliged, ...(config.for ?? []).map(({ masks }) => masks)]
    .flatMap((masks) => Object.entries(masks ?? {}))

/** The names of the secrets that a file's masks need. */
export const keysIn = (config: Fields): ReadonlyArray<string> => [
  ...new Set(masksIn(config).flatMap(([, mask]) => isKeyed(mask) ? [mask.key ?? config.key ?? ""] : []))
]

/** What stands under `with:` of `{ use: masking }`. */
export const MaskingConfig = Schema.Struct(fields).annotate({
  description: "Masks the columns that the file's data sets protect, and refuses what would show them otherwise."
}).check(
  Schema.makeFilter((config: Fields) => {
    const keyless = masksIn(config).find(([, mask]) => isKeyed(mask) && (mask.key ?? config.key) === undefined)
    if (keyless === undefined) return true
    return `${keyless[0]} is masked by ${keyless[1].use}, which needs a key: name a secret of the secrets service as `
      + "`key:`, here or at the mask"
  })
)
export type MaskingConfig = typeof MaskingConfig.Type
