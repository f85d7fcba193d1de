import { describe, expect, it } from "vitest"
import { deny, type Receipt } from "../../../core/index.ts"
import { ask, desk, exchange, statement } from "./desk.ts"

const receiptOf = (inputs: string, policy = "p"): Receipt =>
  ({ decision: "allow", outcome: "allow", policy, inputs }) as unknown as Receipt
const basisOf = (n: number, hash = "p"): any => ({ policy: { hash, residency: { n: 1 } }, inputs: `{"n":${n}}` })
const typesOf = (bench: ReturnType<typeof desk>) => bench.records.map(({ type }) => type)

describe("what receipts are made again from", () => {
  it("stands before the operation that rests on it, once", () => {
    const bench = desk()
    const one = { receipt: receiptOf("i1"), basis: basisOf(1) }
    ask(bench, exchange(bench, 1, statement("select 1"), one))
    ask(bench, exchange(bench, 2, statement("select 2"), one), deny("residency", "No."))
    ask(bench, exchange(bench, 3, statement("select 3"), { receipt: receiptOf("i2"), basis: basisOf(2) }))
    expect(typesOf(bench)).toEqual(["policy", "inputs", "operation", "operation", "inputs", "operation"])
    expect(bench.records[0]!.body).toEqual({ hash: "p", policy: { hash: "p", residency: { n: 1 } } })
    expect(bench.records[1]!.body).toEqual({ digest: "i1", inputs: { n: 1 } })
  })

  it("is written again when the policy changes, and in each part of the ledger that may be deleted apart", () => {
    const bench = desk()
    const old = { receipt: receiptOf("i1"), basis: basisOf(1) }
    ask(bench, exchange(bench, 1, statement("select 1"), old))
    ask(bench, exchange(bench, 2, statement("select 1"), { receipt: receiptOf("i1", "q"), basis: basisOf(1, "q") }))
    ask(bench, exchange(bench, 3, statement("select 1"), old))
    bench.segment.number = 2
    ask(bench, exchange(bench, 4, statement("select 1"), old))
    const operations = ["policy", "inputs", "operation"]
    expect(typesOf(bench)).toEqual([...operations, "policy", "operation", "operation", ...operations])
  })

  it("is not thought to be recorded when the record was lost", () => {
    const bench = desk()
    const one = { receipt: receiptOf("i1"), basis: basisOf(1) }
    Object.assign(bench.log, { trouble: "lost" })
    ask(bench, exchange(bench, 1, statement("select 1"), one))
    Object.assign(bench.log, { trouble: undefined })
    ask(bench, exchange(bench, 2, statement("select 1"), one))
    expect(typesOf(bench).filter((type) => type === "policy")).toHaveLength(2)
  })

  it("is recorded again rather than remembered without end", () => {
    const bench = desk()
    for (let n = 0; n < 300; n++) {
      ask(bench, exchange(bench, n, statement("select 1"), { receipt: receiptOf(`i${n}`), basis: basisOf(n) }))
    }
    ask(bench, exchange(bench, 300, statement("select 1"), { receipt: receiptOf("i0"), basis: basisOf(0) }))
    expect(bench.records.filter(({ body }) => body["digest"] === "i0")).toHaveLength(2)
  })
})
