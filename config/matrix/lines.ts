import type { Decision } from "../../core/plugin/index.ts"
import { type MatrixRow, opensMore, reachOf } from "../../plugins/residency/index.ts"

/** The operations of a matrix, in the order of its columns: the mildest first. */
export const operations = ["read", "export", "write", "define", "admin", "execute", "move", "unknown"] as const
export type MatrixOperation = (typeof operations)[number]

/** What comes of one kind of operation. */
export interface Cell {
  readonly reach: Exclude<Decision, "deny">
  /** Whether someone outside the data set's home sees it. */
  readonly crosses: boolean
  /** Whether the data set may only be read by it, and not changed. */
  readonly reads: boolean
}

/** Everything that one party can do with one data set, at all the places from which it is the same. */
export interface Line {
  readonly pipeline: string
  readonly dataSet: string
  readonly party: string
  readonly through: string | undefined
  readonly model: string | undefined
  readonly places: ReadonlyArray<string>
  readonly cells: ReadonlyMap<MatrixOperation, Cell>
  /** On what a crossing rests, and which rules may still refuse. */
  readonly grounds: ReadonlyArray<string>
}

/** The reachable rows as lines: by pipeline, data set, and party. */
export const linesOf = (rows: ReadonlyArray<MatrixRow>): ReadonlyArray<Line> => {
  const askers = new Map<string, Array<MatrixRow>>()
  for (const row of rows) {
    if (reachOf(row) === "deny") continue
    const through = row.through === undefined ? undefined : placed(row.through, row.through_at)
    const key = JSON.stringify([row.pipeline, row.data_set, row.party, through, row.model, row.at])
    const group = askers.get(key)
    if (group === undefined) askers.set(key, [row])
    else group.push(row)
  }
  const lines = new Map<string, Line>()
  for (const [asker, group] of askers) {
    const [pipeline, dataSet, party, through, model, at] = JSON.parse(asker)
    const cells = cellsOf(group)
    const grounds = groundsOf(group)
    const key = JSON.stringify([pipeline, dataSet, party, through, model, [...cells], grounds])
    const known = lines.get(key)
    const places = [...known?.places ?? [], at as string]
    lines.set(key, {
      pipeline,
      dataSet,
      party,
      through: through ?? undefined,
      model: model ?? undefined,
      places,
      cells,
      grounds
    })
  }
  return [...lines.values()].toSorted((a, b) => compare(orderOf(a), orderOf(b)))
}

const placed = (name: string, at: string | undefined): string => `${name} at ${at ?? "unknown"}`
const orderOf = (line: Line): string => [line.pipeline, line.dataSet, line.party, line.through ?? ""].join("\0")
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The widest answer of each kind; what is changed counts before what is only read. */
const cellsOf = (rows: ReadonlyArray<MatrixRow>): ReadonlyMap<MatrixOperation, Cell> => {
  const cells = new Map<MatrixOperation, Cell>()
  const widest = new Map<MatrixOperation, MatrixRow>()
  for (const row of rows) {
    const operation = row.operation as MatrixOperation
    const changes = !["read", "export", "move"].includes(operation)
    const cell = {
      reach: reachOf(row) as Cell["reach"],
      crosses: row.sinks.some(({ cites }) => cites !== undefined),
      reads: changes && row.access === "read"
    }
    const known = cells.get(operation)
    const best = widest.get(operation)
    const same = known?.reach === cell.reach
    if (best !== undefined && !opensMore(row, best) && !(same && known.reads && !cell.reads)) continue
    cells.set(operation, cell)
    widest.set(operation, row)
  }
  return new Map(operations.flatMap((one) => cells.has(one) ? [[one, cells.get(one)!] as const] : []))
}

/** In words: who sees it outside home and by what right; for a move, where it goes. */
const groundsOf = (rows: ReadonlyArray<MatrixRow>): ReadonlyArray<string> => {
  const grounds = new Set<string>()
  for (const row of rows) {
    for (const { at, cites, sink } of row.sinks) {
      // The caller's own place has a column of its own.
      if (cites !== undefined) grounds.add(sink === "caller" ? `${cites}: caller` : `${cites}: ${sink} at ${at}`)
    }
    for (const { cites, obligation } of row.obligations) if (obligation === "approve") grounds.add(`${cites}: approval`)
    if (row.rows !== undefined) grounds.add(`${row.operation}: only rows of ${row.rows.join(", ")}`)
    for (const rule of row.unless ?? []) grounds.add(`unless rule “${rule}”`)
    if (row.endpoint !== undefined) grounds.add(`moves to ${row.endpoint}`)
  }
  return [...grounds].map(printable).toSorted()
}

/** Names come from the file: nothing in them may move a terminal's cursor or turn its text around. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, "\u00b7")
