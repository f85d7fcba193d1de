import { compileWorld, matrixOf } from "../plugins/residency/index.ts"
import { largePolicy } from "./matrix/large-policy.ts"
import { type Figure, figureOf } from "./measure/figure.ts"

const RUNS = 3

/** How long the matrix of a large policy takes: 200 parties, 200 data sets, 10 places. */
export const measure = function*(): Iterable<Figure> {
  const policy = largePolicy({ parties: 200, dataSets: 200, places: 10 })
  const { problems, world } = compileWorld(policy)
  if (world === undefined) throw new Error(problems.map(({ message }) => message).join("\n"))
  const seconds: Array<number> = []
  let asked = 0
  for (let run = 0; run < RUNS; run++) {
    const began = process.hrtime.bigint()
    asked = matrixOf(world, { at: Date.parse("2026-11-01T00:00:00Z"), issuers: policy.issuers }).asked
    seconds.push(Number(process.hrtime.bigint() - began) / 1e9)
  }
  yield { ...figureOf("matrix: 200 parties × 200 data sets", "s", seconds), goal: "≤ 5" }
  yield figureOf("matrix: one question", "ns", seconds.map((time) => time * 1e9 / asked))
}
