import { describe, expect, it } from "vitest"
import { spend, within } from "../../../../../protocols/postgres/analysis/guard/work.ts"

const all = (steps: number) => (): string => {
  for (let step = 0; step < steps; step++) spend(1)
  return "done"
}

describe("work", () => {
  it("is counted, and given up where it is too much", () => {
    expect(within(10, all(10))).toEqual({ answer: "done", steps: 10 })
    expect(within(10, all(11)).answer).toBeUndefined()
    expect(within(10, all(3))).toEqual({ answer: "done", steps: 3 })
  })

  it("counts for what is around it", () => {
    expect(within(10, () => [within(5, all(6)).answer, within(9, all(4)).answer])).toEqual({
      answer: [undefined, "done"],
      steps: 10
    })
    expect(within(10, () => within(20, all(11)).answer).answer).toBeUndefined()
  })

  it("has no bound where nobody set one, and other errors pass", () => {
    expect(all(100_000)()).toBe("done")
    expect(() =>
      within(10, () => {
        throw new TypeError("other")
      })
    ).toThrow("other")
    expect(within(1, all(1)).answer).toBe("done")
  })
})
