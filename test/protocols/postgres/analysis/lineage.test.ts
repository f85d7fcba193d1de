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

  it("names what is read along with a table, and not what ONLY leaves out", () => {
    const sources = (text: string) => find(text).results[0]?.columns[0]?.sources
    expect(sources("SELECT ssn FROM people")).toEqual([{
      table: "public.people",
      column: "ssn",
      within: ["public.vip"]
    }])
    expect(sources("SELECT body FROM events")?.[0]?.within).toEqual(["public.events_2026"])
    expect(sources("SELECT ssn FROM ONLY people")).toEqual([{ table: "public.people", column: "ssn" }])
    // The one does not hide the other.
    expect(find("SELECT upper(a.ssn) || b.ssn FROM ONLY people a, people b").uses.map(({ within }) => within))
      .toEqual([undefined, ["public.vip"]])
  })

  it("names the views that a column is read as, from the inside out", () => {
    const number = { table: "public.named", column: "number" }
    const [column] = find("SELECT n2 FROM renamed").results[0]!.columns
    expect(column?.sources[0]).toMatchObject({
      table: "public.people",
      column: "ssn",
      as: [number, { table: "public.renamed", column: "n2" }]
    })
    expect(find("SELECT id FROM named WHERE number = 'x'").uses).toContainEqual(
      expect.objectContaining({ column: "ssn", use: "predicate", as: [number] })
    )
  })

  it("tells the rows of one reading from those of another", () => {
    const readings = (text: string) =>
      find(text).results[0]!.columns.map(({ sources }) => sources.map(({ reading }) => reading))
    expect(readings("SELECT a.id, b.id, b.ssn FROM people a, people b")).toEqual([[undefined], [1], [1]])
    expect(readings("WITH t AS (SELECT * FROM people) SELECT a.id, b.id, b.ssn FROM t a, t b"))
      .toEqual([[undefined], [1], [1]])
    expect(readings("SELECT n.id, p.id FROM named n, people p")).toEqual([[undefined], [1]])
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
