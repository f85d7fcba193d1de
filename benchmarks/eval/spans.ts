import { find } from "../../core/detect/index.ts"
import { type Row, share, Tallies } from "./count.ts"
import { inBytes, type Marked, readLines, readMarked } from "./data.ts"

/** The types of ours that a label of theirs stands for. */
const synth: Readonly<Record<string, ReadonlyArray<string>>> = {
  CREDIT_CARD: ["card"],
  PHONE_NUMBER: ["phone"],
  EMAIL_ADDRESS: ["email"],
  DOMAIN_NAME: ["url", "url_credentials"],
  IBAN_CODE: ["iban"],
  DE_IBAN: ["iban"],
  US_SSN: ["us_ssn"],
  IP_ADDRESS: ["ip"],
  DATE_TIME: ["date", "date_of_birth"],
  US_DRIVER_LICENSE: ["us_driver_licence"],
  DE_VAT_ID: ["de_ust_id"]
}
/** Counted, but apart: they are weak without the words of a form, and are not part of the total. */
const apart: Readonly<Record<string, ReadonlyArray<string>>> = { ZIP_CODE: ["postal_code", "de_plz", "uk_postcode"] }

const hasDigits = (text: string): boolean => /\d\D+\d|\d{5}/.test(text)

/** Spans of a corpus with labels, each found when a span of the same type overlaps it. Nothing else may be found. */
const marked = (suite: string, corpus: ReadonlyArray<Marked>, debug: boolean): ReadonlyArray<Row> => {
  const tallies = new Tallies()
  const others = new Tallies()
  for (const { id, spans: given, text } of corpus) {
    const bytes = Buffer.from(text)
    const spans = inBytes(text, given)
    const found = find(bytes)
    const used = new Set<number>()
    for (const span of spans) {
      const types = synth[span.type] ?? apart[span.type]
      if (types === undefined) continue
      const value = bytes.toString("utf8", span.start, span.end)
      // A bare year or a weekday is not looked for.
      if (span.type === "DATE_TIME" && !hasDigits(value)) continue
      const at = found.findIndex((f, i) =>
        !used.has(i) && types.includes(f.type) && f.start < span.end && f.end > span.start
      )
      ;(synth[span.type] === undefined ? others : tallies).add(span.type, at < 0 ? "missed" : "right")
      if (at >= 0) used.add(at)
      else if (debug)
        console.error(
          `missed ${suite} ${id} ${span.type} ${value} in …${
            bytes.toString("utf8", Math.max(0, span.start - 40), span.end + 20)
          }`
        )
    }
    found.forEach((f, i) => {
      if (used.has(i)) return
      const isKnown = spans.some((s) =>
        (apart[s.type]
          ?? (s.type === "DATE_TIME" || s.type === "STREET_ADDRESS"
            ? ["date", "date_of_birth", "postal_code", "de_plz", "uk_postcode"]
            : [])).includes(f.type)
        && s.start < f.end && s.end > f.start
      )
      const label = Object.keys(synth).find((key) => synth[key]!.includes(f.type))
      const isApart = Object.values(apart).some((types) => types.includes(f.type))
      if (!isKnown) (isApart ? others : tallies).add(label ?? (isApart ? "ZIP_CODE" : `other: ${f.type}`), "wrong")
      if (!isKnown && debug)
        console.error(
          `wrong ${suite} ${id} ${f.type} ${bytes.toString("utf8", f.start, f.end)} in …${
            bytes.toString("utf8", Math.max(0, f.start - 40), f.end + 20)
          }`
        )
    })
  }
  return [...tallies.rows(suite), tallies.total.row(suite, "total"), ...others.rows(`${suite}, apart`)]
}

const cells = (folder: string, debug: boolean): ReadonlyArray<Row> => {
  const corpus = readLines(folder, "pii/negative_cells.jsonl") as ReadonlyArray<{ text: string; group: string }>
  const flagged = new Map<string, number>()
  for (const { group, text } of corpus) {
    const found = find(text)
    if (found.length > 0) flagged.set(group, (flagged.get(group) ?? 0) + 1)
    if (found.length > 0 && debug) console.error(`flagged ${group} ${text} as ${found[0]!.type} ${found[0]!.score}`)
  }
  const all = [...flagged.values()].reduce((a, b) => a + b, 0)
  const rows = [...flagged].map(([type, count]): Row => ({ suite: "negative cells", type, count, of: 200 }))
  const total = share(all, corpus.length)
  return [...rows, {
    suite: "negative cells",
    type: "total",
    share: total,
    count: all,
    of: corpus.length,
    goal: "share ≤ 0.01",
    reached: total <= 0.01
  }]
}

/** The goals of the corpora: a total reaches them when each of its figures does. */
const withGoal = (
  rows: ReadonlyArray<Row>,
  suite: string,
  precision: number,
  recall: number,
  f1: number
): ReadonlyArray<Row> =>
  rows.map((row) =>
    row.suite === suite && row.type === "total"
      ? {
        ...row,
        goal: `P ≥ ${precision}, R ≥ ${recall}, F1 ≥ ${f1}`,
        reached: row.precision! >= precision && row.recall! >= recall && row.f1! >= f1
      }
      : row
  )

export const spans = (folder: string, debug: boolean): ReadonlyArray<Row> => [
  ...withGoal(
    marked("synth_v2 structured", readMarked(folder, "pii/presidio_research_synth_v2.jsonl"), debug),
    "synth_v2 structured",
    0.985,
    0.97,
    0.977
  ),
  ...marked("datafog", readMarked(folder, "pii/datafog_corpus.jsonl"), debug),
  ...cells(folder, debug)
]
