import { decideColumn } from "../../core/detect/index.ts"
import { type Row, share, Tallies } from "./count.ts"
import { readJson } from "./data.ts"
import { columnTypes } from "./labels.ts"

interface Column {
  readonly id: string
  readonly label: string
  readonly name: string
  readonly sqltype: string
  readonly values: ReadonlyArray<string>
  readonly header: string
}

const goals: Readonly<Record<string, number>> = { clean: 0.98, opaque: 0.9 }

/**
 * Columns with labels: the share that is typed as labelled by sort of header, and the share of others that is
 * typed.
 */
export const columns = (folder: string, debug: boolean): ReadonlyArray<Row> => {
  const tallies = new Tallies()
  const byHeader = new Map<string, { right: number; of: number }>()
  let flagged = 0
  let innocent = 0
  for (
    const { header, id, label, name, sqltype, values } of readJson(folder, "pii/columns_dev.json") as ReadonlyArray<
      Column
    >
  ) {
    const { score, type } = decideColumn({ name, type: sqltype, values })
    if (label === "NONE") {
      innocent++
      if (type === undefined) continue
      flagged++
      tallies.add(`as ${type}`, "wrong")
      if (debug) console.error(`column ${id} ${name} is none, not ${type} (${score})`)
      continue
    }
    const wanted = columnTypes[label]
    if (wanted === undefined) continue
    const isRight = type !== undefined && wanted.includes(type)
    tallies.add(label, isRight ? "right" : "missed")
    const one = byHeader.get(header) ?? { right: 0, of: 0 }
    one.of++
    if (isRight) one.right++
    byHeader.set(header, one)
    if (debug && !isRight)
      console.error(`column ${id} ${name} is ${label}, not ${type} (${score}): ${values.slice(0, 3).join(" | ")}`)
  }
  const wrong = share(flagged, innocent)
  return [
    ...tallies.rows("columns"),
    ...[...byHeader].map(([header, { of, right }]): Row => {
      const goal = goals[header]
      const recall = share(right, of)
      const row: Row = { suite: "columns", type: `headers: ${header}`, recall, of }
      return goal === undefined ? row : { ...row, goal: `recall ≥ ${goal}`, reached: recall >= goal }
    }),
    {
      suite: "columns",
      type: "false positives",
      share: wrong,
      count: flagged,
      of: innocent,
      goal: "share ≤ 0.01",
      reached: wrong <= 0.01
    }
  ]
}
