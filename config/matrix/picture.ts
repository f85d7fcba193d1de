import type { Matrix } from "../../plugins/residency/index.ts"
import type { Line, MatrixOperation } from "./lines.ts"
import { type Cell, linesOf } from "./lines.ts"
import type { Headings } from "./table.ts"

/** Lengths in CSS pixels. */
const size = { cell: 46, row: 30, gap: 6, head: 46, margin: 28, character: 6.6, tick: 5 }

/** The operations under the bar, left to right. */
const ticks: ReadonlyArray<MatrixOperation> = ["export", "write", "define", "admin", "execute", "move"]

interface Column {
  readonly pipeline: string
  readonly dataSet: string
}

interface Row {
  /** Where it asks from: rows of one place stand together. */
  readonly place: string
  readonly party: string
  readonly note: string
  readonly lines: ReadonlyMap<string, Line>
}

/**
 * The matrix as a picture: who stands where down the side, what lies where across the top; the bar is reading, the
 * ticks under it are the rest. Nothing in it is fetched from anywhere; every cell says in words what it shows.
 */
export const matrixPicture = (matrix: Matrix, headings: Headings): string => {
  const lines = linesOf(matrix.rows)
  const columns = columnsOf(lines)
  const rows = rowsOf(lines)
  const left = size.margin + Math.min(340, Math.max(150, ...rows.map(labelWidth)))
  const top = 92 + Math.max(80, ...columns.map(({ dataSet }) => headLength(dataSet, headings) * size.character * 0.72))
  const groups = new Set(rows.map(({ place }) => place)).size
  const spread = Math.max(0, new Set(columns.map(({ pipeline }) => pipeline)).size - 1) * size.gap * 3
  const width = Math.max(left + columns.length * size.cell + spread + 130, 720)
  const height = top + rows.length * size.row + groups * size.head + 120
  const xs = columnPlaces(columns, left)
  const about = `${rows.length} kinds of callers, ${columns.length} data sets. Everything not drawn is denied.`
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`
    + ` role="img" aria-labelledby="matrix-title matrix-about">`,
    `<title id="matrix-title">What the policy makes reachable</title><desc id="matrix-about">${text(about)}</desc>`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${width}" height="${height}" rx="14"/>`,
    `<text class="title" x="${size.margin}" y="42">What the policy makes reachable</text>`,
    `<text class="dim" x="${size.margin}" y="62">${text(captionOf(matrix))}</text>`,
    ...columnHeads(columns, xs, top, headings),
    ...rowsDrawn(rows, columns, xs, top, width),
    ...legend(size.margin, height - 62),
    "</svg>"
  ]
  return parts.join("\n") + "\n"
}

const captionOf = (matrix: Matrix): string => {
  const until = Number.isFinite(matrix.until) ? ` until ${day(matrix.until)}` : ""
  const counts = `${matrix.asked - matrix.denied} of ${matrix.asked} can happen`
  return `${day(matrix.at)}${until} · policy ${matrix.policy.slice(0, 12)} · ${counts}`
}

const day = (instant: number): string => new Date(instant).toISOString().slice(0, 16).replace("T", " ") + " UTC"

const columnsOf = (lines: ReadonlyArray<Line>): ReadonlyArray<Column> => [
  ...new Map(lines.map(({ dataSet, pipeline }) => [`${pipeline}\0${dataSet}`, { pipeline, dataSet }])).values()
]

/** Callers that can do the same with everything are one row. */
const rowsOf = (lines: ReadonlyArray<Line>): ReadonlyArray<Row> => {
  const callers = new Map<string, Map<string, Line>>()
  for (const line of lines) {
    for (const place of line.places) {
      const key = JSON.stringify([place, line.party, line.through ?? "", line.model ?? ""])
      const own = callers.get(key) ?? new Map<string, Line>()
      callers.set(key, own.set(`${line.pipeline}\0${line.dataSet}`, line))
    }
  }
  return [...callers].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, own]) => {
    const [place, party, through, model] = JSON.parse(key)
    const note = [through === "" ? "" : `through ${through}`, model === "" ? "" : `model at ${model}`]
    return { place, party, note: note.filter((one) => one !== "").join(", "), lines: own }
  })
}

const headLength = (dataSet: string, headings: Headings): number => dataSet.length + headings.home(dataSet).length + 2

const labelWidth = ({ note, party }: Row): number => (party.length + note.length + 3) * size.character

const columnPlaces = (columns: ReadonlyArray<Column>, left: number): ReadonlyArray<number> => {
  let x = left
  return columns.map(({ pipeline }, i) => {
    if (i > 0 && columns[i - 1]!.pipeline !== pipeline) x += size.gap * 3
    x += i === 0 ? 0 : size.cell
    return x
  })
}

const columnHeads = (
  columns: ReadonlyArray<Column>,
  xs: ReadonlyArray<number>,
  top: number,
  headings: Headings
): ReadonlyArray<string> =>
  columns.flatMap(({ dataSet, pipeline }, i) => {
    const x = xs[i]! + size.cell / 2
    const first = i === 0 || columns[i - 1]!.pipeline !== pipeline
    const count = columns.filter((one) => one.pipeline === pipeline).length
    const end = xs[i]! + count * size.cell - size.gap
    return [
      ...(first
        ? [
          `<path class="line" d="M${xs[i]!} ${top + 8}H${end}"/>`,
          `<text class="dim" x="${xs[i]!}" y="${top + 26}">${text(pipeline)}`
          + `<title>${text(`${pipeline}: ${headings.pipeline(pipeline)}`)}</title></text>`
        ]
        : []),
      `<text class="name" transform="translate(${x - 4} ${top - 2}) rotate(-45)">${text(dataSet)}`
      + `<tspan class="dim" dx="6">${text(headings.home(dataSet))}</tspan>`
      + `<title>${text(`${dataSet}: ${headings.dataSet(dataSet)}`)}</title></text>`
    ]
  })

const rowsDrawn = (
  rows: ReadonlyArray<Row>,
  columns: ReadonlyArray<Column>,
  xs: ReadonlyArray<number>,
  top: number,
  width: number
): ReadonlyArray<string> => {
  const out: Array<string> = []
  let y = top + 4
  for (const [i, row] of rows.entries()) {
    if (i === 0 || rows[i - 1]!.place !== row.place) {
      y += size.head
      out.push(`<text class="place" x="${size.margin}" y="${y - 9}">${text(row.place)}</text>`)
      out.push(`<path class="line" d="M${size.margin} ${y - 2}H${width - size.margin}"/>`)
    }
    const note = row.note === "" ? "" : `<tspan class="dim" dx="7">${text(row.note)}</tspan>`
    out.push(`<text class="name" x="${size.margin}" y="${y + 20}">${text(row.party)}${note}</text>`)
    for (const [j, column] of columns.entries()) {
      out.push(cellDrawn(row, column, row.lines.get(`${column.pipeline}\0${column.dataSet}`), xs[j]!, y + 5))
    }
    y += size.row
  }
  return out
}

const cellDrawn = (row: Row, column: Column, line: Line | undefined, x: number, y: number): string => {
  const middle = x + (size.cell - size.gap) / 2
  if (line === undefined) return `<circle class="never" cx="${middle}" cy="${y + 10}" r="1.6"/>`
  const words = [...line.cells].map(([operation, { reach, reads }]) => `${operation}${reads ? "*" : ""} ${reach}`)
  const title = `${row.party} at ${row.place} → ${column.dataSet}: ${words.join(", ")}. ${line.grounds.join("; ")}`
  const read = line.cells.get("read")
  const bar = `<rect class="${classOf(read)}" x="${x}" y="${y}" width="${size.cell - size.gap}" height="13" rx="4"/>`
  const step = (size.cell - size.gap - size.tick) / (ticks.length - 1)
  const marks = ticks.map((operation, i) => {
    const cell = line.cells.get(operation)
    return `<rect class="${tickOf(cell)}" x="${x + i * step}" y="${y + 16}" width="${size.tick}" height="4" rx="1.5"/>`
  })
  return `<g><title>${text(title)}</title>${bar}${marks.join("")}</g>`
}

const classOf = (cell: Cell | undefined): string =>
  cell === undefined ? "none" : cell.crosses && cell.reach === "allow" ? "away" : cell.reach

/** What an operation may only read, and not change, is paler. */
const tickOf = (cell: Cell | undefined): string => classOf(cell) + (cell?.reads === true ? " reads" : "")

const kinds: ReadonlyArray<readonly [name: string, words: string]> = [
  ["allow", "allowed, at home"],
  ["away", "allowed, outside home"],
  ["mask", "masked"],
  ["approve", "if a person approves"],
  ["none", "denied"]
]

const legend = (x: number, y: number): ReadonlyArray<string> => {
  let at = x
  const swatches = kinds.map(([name, words]) => {
    const mark = `<rect class="${name}" x="${at}" y="${y}" width="22" height="13" rx="4"/>`
      + `<text class="dim" x="${at + 29}" y="${y + 11}">${words}</text>`
    at += 48 + words.length * 6
    return mark
  })
  const order = `bar: read · ticks, left to right: ${ticks.join(", ")} (pale: reads, changes nothing)`
  return [...swatches, `<text class="dim" x="${x}" y="${y + 36}">${order}</text>`]
}

/** For text and attributes alike. What XML 1.0 cannot hold is left out. */
export const text = (raw: string): string =>
  raw.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "").replace(/[&<>"']/g, (one) => `&#${one.codePointAt(0)};`)

const style = `
text{font:12px ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:#1b2330}
.title{font-size:20px;font-weight:650;letter-spacing:-.01em}.place{font-size:13px;font-weight:650;fill:#3b4a63}
.dim{fill:#66738a;font-size:11px}.name{font-weight:500}.paper{fill:#fbfcfe}.line{stroke:#dbe1ea;fill:none}
.never{fill:#cfd6e1}.allow{fill:#2f9e6e}.away{fill:#d9485f}.mask{fill:#e8a33d}.approve{fill:#7a6ff0}
.none{fill:#e7ebf1}.reads{opacity:.42}
@media (prefers-color-scheme:dark){text{fill:#e6ebf3}.place{fill:#b6c3d9}.dim{fill:#8e9bb2}.paper{fill:#12161d}
.line{stroke:#28303d}.never{fill:#3a4453}.allow{fill:#3fbf88}.away{fill:#f0647c}.mask{fill:#f0b45a}
.approve{fill:#9388ff}.none{fill:#232a35}}
`.trim()
