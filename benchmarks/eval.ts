import { columns } from "./eval/columns.ts"
import type { Row } from "./eval/count.ts"
import { dataFolder, missingFiles } from "./eval/data.ts"
import { identifiers } from "./eval/identifiers.ts"
import { lineage } from "./eval/lineage.ts"
import { overTaint } from "./eval/over-taint.ts"
import { spans } from "./eval/spans.ts"

const HELP = `Usage: npm run eval -- [--json] [--data FOLDER] [--verbose] [detect] [lineage] [over-taint]

Measures how well the detector finds, and how well lineage is understood, on data that is not part of the project.
  --json      one JSON object a line: suite, type, precision, recall, f1, share, count, of, goal, reached
  --data      the folder of the data; SLUICE_EVAL_DATA, or ../shared/data beside the checkout, otherwise
  --verbose   also what was missed and what was wrong, on the error output
Ends with 1 when data is missing, and with 0 otherwise: goals are shown, and not enforced. See docs/guide/detection.md.`

const words = process.argv.slice(2)
const known = new Set(["--json", "--data", "--verbose", "--help", "detect", "lineage", "over-taint"])

const parts = ["detect", "lineage", "over-taint"]

const print = (row: Row, json: boolean): void => {
  if (json) return console.log(JSON.stringify(row))
  const figures = (["precision", "recall", "f1", "share", "count"] as const)
    .filter((key) => row[key] !== undefined).map((key) => `${key} ${row[key]}`).join("  ")
  const goal = row.goal === undefined ? "" : `  (${row.goal}: ${row.reached === true ? "reached" : "not reached"})`
  console.log(`${row.suite.padEnd(28)} ${row.type.padEnd(28)} ${figures}  of ${row.of}${goal}`)
}

const main = async (): Promise<number> => {
  const data = words.indexOf("--data")
  const given = data < 0 ? undefined : words[data + 1]
  if (words.includes("--help")) {
    console.log(HELP)
    return 0
  }
  if (words.some((word, i) => !known.has(word) && (data < 0 || i !== data + 1)) || (data >= 0 && given === undefined)) {
    console.error(HELP)
    return 2
  }
  const folder = dataFolder(given)
  const missing = missingFiles(folder)
  if (missing.length > 0) {
    console.error(
      `eval: there is no data in ${folder}: ${missing.join(", ")} missing. Name another folder with --data.`
    )
    return 1
  }
  const wants = (part: string): boolean => words.includes(part) || !parts.some((other) => words.includes(other))
  const debug = words.includes("--verbose")
  const json = words.includes("--json")
  if (wants("detect")) {
    for (const measure of [spans, identifiers, columns]) for (const row of measure(folder, debug)) print(row, json)
  }
  if (wants("lineage")) { for (const row of await lineage(folder, debug)) print(row, json) }
  if (wants("over-taint")) { for (const row of await overTaint(folder, debug)) print(row, json) }
  return 0
}

process.exit(await main())
