import { compileWorld, matrixOf } from "../plugins/residency/index.ts"
import { largePolicy } from "./matrix/large-policy.ts"
import { type Figure, figureOf } from "./measure/figure.ts"

const RUNS = 3

/** What the matrix of a large policy takes, in seconds of CPU: 200 parties, 200 data sets, 10 places. */
export const measure = function*(): Iterable<Figure> {
  const policy = largePolicy({ parties: 200, dataSets: 200, places: 10 })
  const { problems, world } = compileWorld(policy)
  if (world === undefined) throw new Error(problems.map(({ message }) => message).join("\n"))
  const seconds: Array<number> = []
  let asked = 0
  for (let run = 0; run < RUNS; run++) {
    const began = process.cpuUsage()
    asked = matrixOf(world, { at: Date.parse("2026-11-01T00:00:00Z"), issuers: policy.issuers }).asked
    const { system, user } = process.cpuUsage(began)
    seconds.push((user + system) / 1e6)
  }
  yield { ...figureOf("matrix: 200 parties × 200 data sets", "s of CPU", seconds), goal: "≤ 5" }
  yield figureOf("matrix: one question", "ns", seconds.map((time) => time * 1e9 / asked))
}
