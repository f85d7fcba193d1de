import * as Schema from "effect/Schema"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readMoment } from "../../../plugins/residency/schema/moment.ts"
import { ResidencySection } from "../../../plugins/residency/schema.ts"
import { decode, section } from "./fixture.ts"

describe("the section's schema", () => {
  it("fills in what is left out", () => {
    expect(decode({})).toEqual({
      otherwise: "deny",
      unresolved: "deny",
      zones: {},
      data_sets: {},
      parties: {},
      transfers: [],
      exceptions: [],
      rules: []
    })
    expect(decode({ data_sets: { a: { home: ["eu"] } } }).data_sets["a"]).toMatchObject({
      otherwise: "deny",
      masked: "counts",
      mode: "enforce",
      on: {}
    })
  })
  it("takes the whole published example", () => {
    const raw = section()
    raw.data_sets.customers.subject = "public.customers.id"
    raw.transfers[0].subjects_max = { count: 10000, window: "calendar_year" }
    raw.exceptions = [{
      id: "inc-4711",
      reason: "outage analysis",
      owner: "dpo@example.com",
      data_sets: ["customers"],
      recipients: ["analyst"],
      to: "us",
      operations: ["read"],
      valid_until: "2026-12-01T12:00:00Z"
    }]
    raw.rules = [{ name: "no bulk export by agents", when: `operation.kind == "export" && caller.agent`, then: "deny" }]
    raw.taint = { mode: "balanced", literal_bytes_max: 512 }
    expect(decode(raw).transfers[0]?.subjects_max?.window).toBe("calendar_year")
  })
  it("is unchanged by decoding twice", () => {
    const once = decode(section())
    expect(decode(once)).toEqual(once)
  })
  it.each([
    [{ transfers: [{ ...section().transfers[0], valid_until: "2027-02-30" }] }, `["transfers"][0]["valid_until"]`],
    [{ transfers: [{ ...section().transfers[0], requires: ["masks"] }] }, `["transfers"][0]["requires"][0]`],
    [{ exceptions: [{ ...section().transfers[0], reason: "x", owner: "y" }] }, `["exceptions"][0]`],
    [{ data_sets: { c: {} } }, `["data_sets"]["c"]["home"]`],
    [{ parties: { p: { match: {}, at: 3 } } }, `["parties"]["p"]["at"]`],
    [{ otherwise: "no" }, `["otherwise"]`],
    [{ data_set: {} }, `["data_set"]`],
    [
      { transfers: [{ ...section().transfers[0], subjects_max: { count: 0, window: "365d" } }] },
      `["subjects_max"]["count"]`
    ]
  ])("says where an error is: %#", (raw, place) => {
    expect(() => decode(raw)).toThrow(place)
  })
  it("tells an exception that it must end", () => {
    const { valid_until: _, mechanism: __, requires: ___, from: ____, ...rest } = section().transfers[0]
    expect(() => decode({ exceptions: [{ ...rest, reason: "x", owner: "y" }] })).toThrow(`["valid_until"]`)
  })
  it("describes every option to editors", () => {
    const { schema, definitions } = Schema.toJsonSchemaDocument(ResidencySection, { onExcessProperty: "error" })
    const bare: Array<string> = []
    const visit = (node: any, path: string): void => {
      if (typeof node !== "object" || node === null) return
      for (const [key, child] of Object.entries<any>(node.properties ?? {})) {
        if (typeof child.description !== "string" && child.$ref === undefined) bare.push(`${path}.${key}`)
        visit(child, `${path}.${key}`)
      }
      for (const key of ["additionalProperties", "items"]) visit(node[key], path)
      for (const child of node.anyOf ?? []) visit(child, path)
    }
    visit(schema, "residency")
    for (const [name, child] of Object.entries(definitions)) visit(child, name)
    expect(bare).toEqual([])
    expect(JSON.stringify(schema)).toContain(`"default":"deny"`)
  })
})

describe("dates", () => {
  it("mean the whole day, in UTC", () => {
    expect(readMoment("2027-06-30", "end")).toBe(Date.parse("2027-07-01T00:00:00Z"))
    expect(readMoment("2027-06-30", "start")).toBe(Date.parse("2027-06-30T00:00:00Z"))
    expect(readMoment("2028-02-29", "end")).toBe(Date.parse("2028-03-01T00:00:00Z"))
  })
  it("or an instant with its offset", () => {
    expect(readMoment("2026-12-01T12:00:00+02:00", "end")).toBe(Date.parse("2026-12-01T10:00:00Z"))
    expect(readMoment("2026-12-01T12:00Z", "start")).toBe(Date.parse("2026-12-01T12:00:00Z"))
  })
  it.each([
    "2027-02-29",
    "2027-02-30",
    "2027-13-01",
    "2027-00-10",
    "2027-01-00",
    "27-01-01",
    "2027-1-1",
    "2027-01-01 ",
    "tomorrow",
    "",
    "2027-01-01T00:00:00",
    "2027-01-01T24:00:00Z",
    "2027-01-01T12:60:00Z",
    "2027-02-30T12:00:00Z",
    "2027-01-01T12:00:00+25:00",
    "2027/01/01",
    "1969-12-31",
    "20270101",
    "2027-01-01T00:00:00z"
  ])("and nothing else: %s", (text) => {
    expect(readMoment(text, "end")).toBeUndefined()
  })
  it("agree with the calendar", () => {
    fc.assert(fc.property(fc.date({ min: new Date(0), max: new Date("9999-12-30"), noInvalidDate: true }), (date) => {
      const day = date.toISOString().slice(0, 10)
      const start = readMoment(day, "start") ?? NaN
      return start <= date.getTime() && date.getTime() < (readMoment(day, "end") ?? NaN)
        && readMoment(date.toISOString(), "end") === date.getTime()
    }))
  })
})
