import type { MatrixChange, MatrixDifference } from "../../plugins/residency/index.ts"

/** What the matrix cannot judge, and the two files say differently: `pipelines.orders.plugins`. */
export type Unjudged = ReadonlyArray<string>

/** Whether a change may let more through. */
export const opensAnything = ({ opens, unmasks }: MatrixDifference, unjudged: Unjudged): boolean =>
  opens.length + unmasks.length + unjudged.length > 0

/** A difference for people: what opens first. `at`: the moment that it was asked for. */
export const differenceText = (
  difference: MatrixDifference,
  unjudged: Unjudged,
  at: number,
  colour: boolean
): string => {
  const paint = (text: string, code: number): string => colour ? `\u001b[${code}m${text}\u001b[0m` : text
  const { closes, opens, unmasks } = difference
  const section = (title: string, sign: string, code: number, lines: ReadonlyArray<string>) =>
    lines.length === 0 ? [] : [paint(title, 1), ...lines.map((line) => paint(`  ${sign} ${line}`, code)), ""]
  return [
    ...section("opens", "+", 31, merged(opens, at)),
    ...section(
      "unmasks",
      "+",
      31,
      unmasks.map(({ column, kind, now, pipeline, resource }) =>
        `${pipeline}/${resource} ${column}: ${kind} → ${now ?? "in clear"}`
      )
    ),
    ...section("closes", "-", 32, merged(closes, at)),
    ...section("changes what the matrix does not judge", "?", 33, unjudged),
    summary(difference, unjudged)
  ].join("\n").replace(/[\p{Cc}\p{Cf}]/gu, (one) => one === "\n" || (colour && one === "\u001b") ? one : "\u00b7")
}

const summary = ({ closes, opens, unmasks }: MatrixDifference, unjudged: Unjudged): string =>
  opens.length + closes.length + unmasks.length + unjudged.length === 0
    ? "Nothing opens, nothing closes."
    : `${opens.length} opened, ${unmasks.length} unmasked, ${closes.length} closed, ${unjudged.length} not judged.`

/** Changes that differ in nothing but the operation are one line. */
const merged = (changes: ReadonlyArray<MatrixChange>, at: number): ReadonlyArray<string> => {
  const lines = new Map<string, Array<string>>()
  for (const change of changes) {
    const { access, operation } = change.row
    const line = lineOf(change, at)
    const verb = access === "read" && !["read", "export", "move"].includes(operation) ? `${operation}*` : operation
    lines.set(line, [...new Set([...lines.get(line) ?? [], verb])])
  }
  return [...lines].map(([line, verbs]) => line.replace("\u0000", verbs.join(", ")))
}

const lineOf = ({ after, before, from, row, sinks }: MatrixChange, at: number): string => {
  const through = row.through === undefined ? "" : ` through ${row.through} at ${row.through_at ?? "unknown"}`
  // Of what nobody can do any more it does not matter who would see it.
  const seen = sinks.length === 0 || after === "deny" ? "" : `; ${sinks.map(sinkText).join(", ")}`
  const when = from <= at ? "" : `; from ${new Date(from).toISOString()}`
  const where = row.endpoint === undefined ? "" : ` to ${row.endpoint}`
  const rows = row.rows === undefined ? "" : ` of rows of ${row.rows.join(", ")}`
  const reach = before === after ? `stays ${after}` : `${before} → ${after}`
  return `${row.party} at ${row.at}${through}  ${row.pipeline}/${row.data_set}  \u0000${where}${rows}  ${reach}${seen}${when}`
}

const sinkText = ({ at, cites, sink }: MatrixChange["sinks"][number]): string =>
  `${sink} at ${at}${cites === undefined ? "" : ` by ${cites}`}`
