import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { fits, overlap } from "../../../plugins/residency/compile/glob.ts"
import { compileZones, placeOf, within } from "../../../plugins/residency/compile/zones.ts"
import { Problems } from "../../../plugins/residency/problem.ts"
import { decode } from "./fixture.ts"

const compile = (zones: unknown) => {
  const problems = new Problems()
  const compiled = compileZones(decode({ zones }), problems)
  return { problems: problems.list, places: (name: string) => [...compiled.get(name) ?? []].toSorted() }
}

describe("zones", () => {
  it("form a DAG: a place may be in several", () => {
    const { places, problems } = compile({
      eu: { includes: ["de", "fr"] },
      nato: { includes: ["de", "us"] },
      both: { includes: ["eu", "nato"] }
    })
    expect(problems).toEqual([])
    expect(places("eu")).toEqual(["de", "fr"])
    expect(places("both")).toEqual(["de", "fr", "us"])
    expect(places("de")).toEqual(["de"])
  })
  it("without `includes` are places", () => {
    expect(compile({ de: {} }).places("de")).toEqual(["de"])
  })
  it("take out what they exclude, zones too, wherever it came from", () => {
    const zones = {
      eea: { includes: ["eu", "no"] },
      eu: { includes: ["de", "fr"] },
      rest: { includes: ["eea"], excludes: ["eu"] }
    }
    expect(compile(zones).places("rest")).toEqual(["no"])
    expect(compile({ ...zones, rest: { includes: ["eea"], excludes: ["fr"] } }).places("rest")).toEqual(["de", "no"])
  })
  it.each([
    ["itself", { a: { includes: ["a"] } }, /contains itself: a → a/],
    [
      "a cycle",
      { a: { includes: ["b"] }, b: { includes: ["c"] }, c: { includes: ["a"] } },
      /contains itself: a → b → c → a/
    ],
    [
      "a cycle through excludes",
      { a: { includes: ["p"], excludes: ["b"] }, b: { includes: ["a"] } },
      /contains itself/
    ],
    ["no place", { a: { includes: [] } }, /zone a has no place/],
    ["no place left", { a: { includes: ["p"], excludes: ["p"] } }, /zone a has no place/],
    ["an unknown name excluded", { a: { includes: ["p"], excludes: ["q"] } }, /zone q does not exist/],
    ["a reserved name", { unknown: {} }, /unknown cannot be the name of a zone/],
    ["a reserved place", { a: { includes: ["unknown"] } }, /unknown cannot be the name of a place/],
    ["a name that cannot be printed", { a: { includes: ["x\u202ey"] } }, /cannot be the name of a place/]
  ])("refuse %s", (_, zones, message) => {
    const { problems } = compile(zones)
    expect(problems.map((problem) => problem.message).join("\n")).toMatch(message)
    for (const problem of problems) {
      expect(problem.severity).toBe("error")
      expect(problem.path.slice(0, 2)).toEqual(["residency", "zones"])
    }
  })
  it("unknown and empty are inside nothing", () => {
    const some = new Set(["de"])
    expect(within(undefined, some)).toBe(false)
    expect(within(some, undefined)).toBe(false)
    expect(within(new Set(), some)).toBe(false)
    expect(within(some, some)).toBe(true)
    expect(within(new Set(["de", "fr"]), some)).toBe(false)
    expect(placeOf(new Map([["de", some]]), "DE")).toEqual({ name: "unknown", places: undefined })
    expect(placeOf(new Map(), "__proto__").places).toBeUndefined()
  })
})

describe("patterns", () => {
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 })
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 })
  const expression = (glob: string) => new RegExp(`^${glob.replaceAll("*", ".*")}$`)
  it("fit as a regular expression would", () => {
    fc.assert(fc.property(pattern, text, (glob, value) => fits(glob, value) === expression(glob).test(value)), {
      numRuns: 5000
    })
  })
  it("overlap whenever one text fits both", () => {
    fc.assert(
      fc.property(pattern, pattern, text, (a, b, value) => !fits(a, value) || !fits(b, value) || overlap(a, b)),
      { numRuns: 5000 }
    )
  })
  it("do not overlap without reason", () => {
    expect([
      overlap("agent-a-*", "agent-b-*"),
      overlap("a*", "*b"),
      overlap("a", "a"),
      overlap("a", "b"),
      overlap("*", "")
    ])
      .toEqual([false, true, true, false, true])
  })
  it("stay fast on hostile texts", () => {
    expect(fits("*a".repeat(40) + "b", "a".repeat(5000))).toBe(false)
  })
})
