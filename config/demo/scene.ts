import type { DemoStage } from "./stage.ts"

/** What a scene shows, and whether it really happened. */
export interface SceneResult {
  /** Lines for people, in order. */
  readonly shown: ReadonlyArray<string>
  /** What was checked, each with its answer. The scene happened when all hold. */
  readonly checks: ReadonlyArray<readonly [what: string, holds: boolean]>
}

export interface Scene {
  readonly title: string
  readonly play: (stage: DemoStage) => Promise<SceneResult>
}

/** Rows as a small table of fixed columns. */
export const table = (
  fields: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<unknown>>
): ReadonlyArray<string> => {
  const cells = [fields, ...rows.map((row) => row.map(String))]
  const widths = fields.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? "").length)))
  const line = (row: ReadonlyArray<string>): string =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  return [line(fields), widths.map((width) => "-".repeat(width)).join("  "), ...cells.slice(1).map(line)]
}
