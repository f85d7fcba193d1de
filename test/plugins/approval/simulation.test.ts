import { describe, expect, it } from "vitest"
import { advance } from "../../../plugins/approval/request.ts"
import { interleave, mutants } from "./simulation.ts"

const RUNS = 120_000
const SEED = 20_261_122

describe("two gateways, four people, any order", () => {
  it(`I19 I20 I21: ${RUNS} interleavings: nothing runs that was not approved as it is, by enough others, once`, () => {
    for (let run = 0; run < RUNS; run++) {
      const broken = interleave(advance, SEED + run)
      if (broken.length > 0) expect(broken).toEqual([])
    }
  }, 120_000)

  it.each(Object.keys(mutants))("finds out a machine that %s", (name) => {
    const machine = mutants[name]!
    let found = 0
    for (let run = 0; run < 5000 && found === 0; run++) found += interleave(machine, SEED + run).length
    expect(found).toBeGreaterThan(0)
  })
})
