import { readdirSync } from "node:fs"
import { report } from "./measure/figure.ts"
import type { Figure } from "./measure/figure.ts"

/** What every benchmark file exports: measures, and yields each figure as soon as it has it. */
export interface Benchmark {
  readonly measure: () => AsyncIterable<Figure> | Iterable<Figure>
}

const HELP = `Usage: npm run bench -- [--json] [NAME …]

Runs the benchmarks whose file name starts with one of the names, or all of them.
  --json   one JSON object a line: name, value, unit, ratio_to, ratio, runs, min, max, goal
Figures are for comparing on this machine, in this run. See benchmarks/README.md.`

const words = process.argv.slice(2)
const json = words.includes("--json")
const names = words.filter((word) => !word.startsWith("-"))
const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".bench.ts")).toSorted()

const main = async (): Promise<number> => {
  if (words.includes("--help")) {
    console.log(HELP)
    return 0
  }
  const chosen = files.filter((file) => names.length === 0 || names.some((name) => file.startsWith(name)))
  if (chosen.length === 0 || words.some((word) => word.startsWith("-") && word !== "--json")) {
    console.error(
      `No such benchmark. There are: ${files.map((file) => file.replace(".bench.ts", "")).join(", ")}.\n\n${HELP}`
    )
    return 2
  }
  for (const file of chosen) {
    const { measure } = await import(`./${file}`) as Benchmark
    for await (const figure of measure()) report(figure, json)
  }
  return 0
}

process.exit(await main())
