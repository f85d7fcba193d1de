import * as Schema from "effect/Schema"

/** What is looked for in columns that no data set declares. */
export interface Detecting {
  readonly mode: "off" | "balanced" | "strict"
  /** `schema.table`, or `schema.table.column`, that are not looked at. */
  readonly except: ReadonlySet<string>
}

const detect =
  "Whether what nobody declared is looked through for what is sensitive. off (the default). balanced: what "
  + "is found in a text or in JSON is masked, and the rest of it stays. strict: a cell is masked as a whole, and so "
  + "is every cell of a column, from where it is seen what the column holds."

const except = "What `detect` does not look at: tables as schema.table, columns as schema.table.column."

const Path = Schema.NonEmptyString.check(
  Schema.makeFilter((path: string) => /^[^.]+(\.[^.]+){1,2}$/.test(path) || "write schema.table or schema.table.column")
)

export const detectionFields = {
  detect: Schema.optionalKey(Schema.Literals(["off", "balanced", "strict"]).annotate({ description: detect })),
  detect_except: Schema.optionalKey(Schema.NonEmptyArray(Path).annotate({ description: except }))
}

interface Options {
  readonly detect?: Detecting["mode"]
  readonly detect_except?: ReadonlyArray<string>
}

/** The options as they are meant, where the file leaves them out. */
export const detectingOf = ({ detect = "off", detect_except: paths = [] }: Options): Detecting => ({
  mode: detect,
  except: new Set(paths)
})
