import { describe, expect, it } from "vitest"
import { golden } from "./golden.ts"
import { find, lineage, uses } from "./schema.ts"

describe("lineage of outputs", () => {
  const cases = golden("lineage")

  it("covers enough of the language", () => {
    expect(cases.length).toBeGreaterThanOrEqual(120)
  })

  it.each(cases)("%s", (statement, expected) => {
    const finding = find(statement)
    expect(finding.unresolved).toBeUndefined()
    const got = [`  ${lineage(finding)}`, `  uses ${uses(finding)}`].map((line) => line.trimEnd()).join("\n")
    expect(got).toBe(expected)
  })

  it("names a partition's parent, and the tables under a materialised view", () => {
    expect(find("SELECT body FROM events_2026").results[0]?.columns[0]?.sources).toEqual([
      { table: "public.events_2026", column: "body", within: ["public.events"] }
    ])
    expect(find("SELECT body FROM events").reads).toContainEqual({
      kind: "table",
      name: "public.events_2026",
      fields: ["body"],
      within: ["public.events"]
    })
    expect(find("SELECT held FROM kept").reads).toContainEqual({
      kind: "table",
      name: "public.kept",
      fields: ["held"],
      within: ["public.people"]
    })
  })

  it("predicts how COPY writes its rows", () => {
    const format = (text: string) => find(text).results[0]?.copy
    expect(format("COPY people (id, ssn) TO STDOUT")).toEqual({
      format: "text",
      delimiter: "\t",
      null: "\\N",
      quote: "\"",
      escape: "\"",
      header: false
    })
    expect(format("COPY people (id, ssn) TO STDOUT (FORMAT csv, HEADER, DELIMITER ';', FORCE_QUOTE (ssn))")).toEqual({
      format: "csv",
      delimiter: ";",
      null: "",
      quote: "\"",
      escape: "\"",
      header: true,
      forceQuote: [1]
    })
    expect(format("COPY people TO STDOUT WITH CSV FORCE QUOTE *")?.forceQuote).toBe(true)
    expect(format("COPY people TO STDOUT (FORMAT binary)")?.format).toBe("binary")
    expect(find("COPY people TO STDOUT (ENCODING 'SJIS')").unresolved).toBe(
      "COPY in another encoding is not understood"
    )
  })
})
