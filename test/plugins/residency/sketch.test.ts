import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { hash53, seedOf } from "../../../plugins/residency/meters/hash.ts"
import { exactMax, Sketch } from "../../../plugins/residency/meters/sketch.ts"

const digest = (value: number | string, seed = 0): number => hash53(Buffer.from(String(value)), seed)
const sketchOf = (from: number, to: number): Sketch => {
  const sketch = new Sketch()
  for (let value = from; value < to; value++) sketch.add(digest(value))
  return sketch
}
const error = (sketch: Sketch, people: number): number => Math.abs(sketch.count - people) / people

describe("a sketch", () => {
  it("is exact for few", () => {
    const sketch = sketchOf(0, exactMax)
    expect(sketch.count).toBe(exactMax)
    expect(sketch.add(digest(3))).toBe(false)
    expect(sketch.count).toBe(exactMax)
  })

  it("stays within four standard errors (3.3 %) for many, also where classical HyperLogLog is biased", () => {
    const sketch = new Sketch()
    let people = 0
    for (const upTo of [1025, 2000, 5000, 12_000, 30_000, 41_000, 60_000, 82_000, 150_000, 400_000]) {
      for (; people < upTo; people++) sketch.add(digest(people))
      expect(error(sketch, people), String(people)).toBeLessThan(4 * 0.0081)
    }
  })

  it("has the standard error that it claims, over many kinds of people", () => {
    const errors = Array.from({ length: 40 }, (_, seed) => {
      const sketch = new Sketch()
      for (let value = 0; value < 20_000; value++) sketch.add(digest(`p-${value}`, seed * 7919))
      return error(sketch, 20_000)
    })
    const root = Math.sqrt(errors.reduce((sum, one) => sum + one * one, 0) / errors.length)
    expect(root).toBeLessThan(0.0081 * 1.4)
    expect(root).toBeGreaterThan(0.0081 / 3)
  })

  const counts = fc.tuple(fc.nat(5000), fc.nat(5000), fc.nat(3000))
  it("counts a union as if it had seen everybody itself, in any order", () => {
    fc.assert(
      fc.property(counts, ([first, second, shared]) => {
        const merged = sketchOf(0, first)
        merged.merge(sketchOf(first - Math.min(first, shared), first + second))
        const whole = sketchOf(0, first + second)
        expect(merged.count).toBe(whole.count)
        expect(merged.toStored()).toEqual(whole.toStored())
      }),
      { numRuns: 40 }
    )
  })

  it("is the same when it was stored, and refuses what is none", () => {
    for (const people of [0, 5, exactMax, exactMax + 1, 9000]) {
      const sketch = sketchOf(0, people)
      const again = Sketch.from(JSON.parse(JSON.stringify(sketch.toStored())))
      expect(again?.toStored()).toEqual(sketch.toStored())
      expect(again?.count).toBe(sketch.count)
    }
    for (const stored of [{ exact: "x" }, { exact: [-1] }, { exact: [1.5] }, { registers: "AAAA" }, { registers: 5 }]) {
      expect(Sketch.from(stored as never), JSON.stringify(stored)).toBeUndefined()
    }
    expect(Sketch.from({ registers: Buffer.alloc(1 << 14, 255).toString("base64") })).toBeUndefined()
  })

  it("says that it has whom adding would not change", () => {
    fc.assert(
      fc.property(fc.nat(4000), fc.nat(8000), (people, one) => {
        const sketch = sketchOf(0, people)
        const had = sketch.has(digest(one))
        expect(sketch.add(digest(one))).toBe(!had)
        if (one < people) expect(had).toBe(true)
      }),
      { numRuns: 100 }
    )
  })

  it("would be found out with a bad hash; and a seed keeps people apart", () => {
    const sum = (value: number): number => Buffer.from(String(value)).reduce((total, byte) => total + byte, 0)
    const bad = new Sketch()
    for (let value = 0; value < 20_000; value++) bad.add(sum(value))
    expect(error(bad, 20_000)).toBeGreaterThan(0.5)
    expect(digest(1, seedOf("a"))).not.toBe(digest(1, seedOf("b")))
  })
})
