import { describe, expect, it } from "vitest"
import { Debts } from "../../../../../protocols/postgres/analysis/session/debts.ts"

describe("what clients have used", () => {
  it("adds up, and is forgotten by halves", () => {
    let now = 0
    const debts = new Debts(() => now)
    debts.add("a", 100)
    debts.add("a", 60)
    expect([debts.of("a"), debts.of("b")]).toEqual([160, 0])
    now = 10_000
    expect(debts.of("a")).toBe(80)
    debts.add("a", 20)
    expect(debts.of("a")).toBe(100)
  })

  it("remembers a bounded number of clients", () => {
    const debts = new Debts(() => 0)
    for (let client = 0; client < 1001; client++) debts.add(String(client), 1)
    expect([debts.of("0"), debts.of("1000")]).toEqual([0, 1])
  })
})
