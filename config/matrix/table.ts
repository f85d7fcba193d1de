import type { Matrix } from "../../plugins/residency/index.ts"
import { type Cell, type Line, linesOf, type MatrixOperation, operations } from "./lines.ts"

/** What a table says of data sets and pipelines beside the matrix: the file knows. */
export interface Headings {
  /** `upstream at de, shadow` for a pipeline. */
  readonly pipeline: (name: string) => string
  /** `home eu, personal` for a data set. */
  readonly dataSet: (name: string) => string
  /** `eu` for a data set; empty for what is none. */
  readonly home: (name: string) => string
}

const colours: Readonly<Record<Cell["reach"], number>> = { allow: 32, mask: 36, approve: 33 }
const crossing = 35

/** The matrix for people: a table for each data set, with a line for each party that reaches it. */
export const matrixTable = (matrix: Matrix, headings: Headings, colour: boolean): string => {
  const paint = (text: string, code: number): string => colour ? `\u001b[${code}m${text}\u001b[0m` : text
  const lines = linesOf(matrix.rows)
  const shown = operations.filter((one) => one !== "unknown" || lines.some(({ cells }) => cells.has(one)))
  const out: Array<string> = []
  for (const [pipeline, sets] of group(lines, (line) => line.pipeline)) {
    out.push(paint(pipeline, 1) + `  ${headings.pipeline(pipeline)}`, "")
    for (const [name, members] of group(sets, (line) => line.dataSet)) {
      out.push(`  ${paint(name, 1)}  ${headings.dataSet(name)}`)
      out.push(...grid(members, shown, paint).map((line) => `  ${line}`), "")
    }
  }
  return [...out, ...closing(matrix, lines)].join("\n")
}

const group = (
  lines: ReadonlyArray<Line>,
  key: (line: Line) => string
): ReadonlyMap<string, ReadonlyArray<Line>> => Map.groupBy(lines, key)

type Paint = (text: string, code: number) => string

const grid = (lines: ReadonlyArray<Line>, shown: ReadonlyArray<MatrixOperation>, paint: Paint) => {
  const head = ["party", "at", ...shown, "on what ground"]
  const rows = lines.map((line) => [who(line), placesOf(line), ...shown.map((one) => word(line, one)), ground(line)])
  const widths = head.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]!.length)))
  const pad = (row: ReadonlyArray<string>, dress: (cell: string, column: number) => string) =>
    row.map((cell, column) => dress(cell.padEnd(widths[column]!), column)).join("  ").trimEnd()
  return [
    pad(head, (cell) => paint(cell, 2)),
    ...rows.map((row, i) =>
      pad(row, (cell, column) => {
        const operation = shown[column - 2]
        const state = operation === undefined ? undefined : lines[i]!.cells.get(operation)
        if (operation === undefined) return cell
        if (state === undefined) return paint(cell, 2)
        return paint(cell, state.crosses && state.reach === "allow" ? crossing : colours[state.reach])
      })
    )
  ]
}

const who = ({ party, through }: Line): string => through === undefined ? party : `${party} through ${through}`

/** A long list of places is cut: the JSON has them all. */
export const placesOf = ({ model, places }: Line): string => {
  const list = places.length > 6 ? `${places.slice(0, 5).join(", ")} and ${places.length - 5} more` : places.join(", ")
  return model === undefined ? list : `${list}; model at ${model}`
}

const word = ({ cells }: Line, operation: MatrixOperation): string => {
  const cell = cells.get(operation)
  return cell === undefined ? "·" : cell.reads ? `${cell.reach}*` : cell.reach
}

const ground = ({ grounds }: Line): string => grounds.length === 0 ? "at home" : grounds.join("; ")

const closing = (matrix: Matrix, lines: ReadonlyArray<Line>): ReadonlyArray<string> => {
  const until = Number.isFinite(matrix.until) ? `until ${new Date(matrix.until).toISOString()}` : "and nothing runs out"
  const starred = lines.some(({ cells }) => [...cells.values()].some(({ reads }) => reads))
  return [
    `${matrix.asked} questions, ${matrix.asked - matrix.denied} can happen, ${matrix.denied} are denied.`
    + ` Holds at ${new Date(matrix.at).toISOString()}, ${until}. Policy ${matrix.policy.slice(0, 12)}.`,
    ...(starred ? ["*: the operation may read this data set, and not change it."] : []),
    ...(matrix.unmatched.length === 0
      ? []
      : [`Nobody can be ${matrix.unmatched.join(", ")}: whoever matches also matches a more specific party.`])
  ]
}
