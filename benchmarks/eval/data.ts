import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** Where the data lies: `--data FOLDER`, or SLUICE_EVAL_DATA, or beside the checkout. */
export const dataFolder = (given: string | undefined): string =>
  given ?? (process.env["SLUICE_EVAL_DATA"] || undefined) ?? join(import.meta.dirname, "../../../shared/data")

const files = [
  "pii/presidio_research_synth_v2.jsonl",
  "pii/presidio_unit.jsonl",
  "pii/validatorjs_values.jsonl",
  "pii/datafog_corpus.jsonl",
  "pii/negative_cells.jsonl",
  "pii/columns_dev.json",
  "lineage/pg_battery_66.json",
  "lineage/schema.sql"
]

/** The files that are not there. */
export const missingFiles = (folder: string): ReadonlyArray<string> =>
  files.filter((file) => !existsSync(join(folder, file)))

export const readLines = (folder: string, file: string): ReadonlyArray<unknown> =>
  readFileSync(join(folder, file), "utf8").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line))

export const readJson = (folder: string, file: string): unknown => JSON.parse(readFileSync(join(folder, file), "utf8"))

/** A text with its spans, in characters. */
export interface Marked {
  readonly id: string
  readonly text: string
  readonly spans: ReadonlyArray<
    { readonly start: number; readonly end: number; readonly type: string; readonly value?: string }
  >
}

/** The spans in bytes of UTF-8. */
export const inBytes = (text: string, spans: Marked["spans"]): Marked["spans"] => {
  const characters = Array.from(text)
  const byte = (at: number): number => Buffer.byteLength(characters.slice(0, at).join(""))
  return spans.map((span) => ({ ...span, start: byte(span.start), end: byte(span.end) }))
}

export const readMarked = (folder: string, file: string): ReadonlyArray<Marked> =>
  readLines(folder, file) as ReadonlyArray<Marked>
