import { describe, expect, it } from "vitest"
import { golden } from "./golden.ts"
import { find, short } from "./schema.ts"

const described = (statement: string): string => {
  const finding = find(statement)
  return [
    `  ${finding.kind}${finding.unresolved === undefined ? "" : "?"} ${finding.tags.join(",")}`,
    `  reads ${short(finding.reads)}`,
    `  writes ${short(finding.writes)}`,
    `  because ${finding.unresolved ?? ""}`
  ].map((line) => line.trimEnd()).join("\n")
}

describe("effects of statements", () => {
  const cases = golden("effects")

  it("covers enough of the language", () => {
    expect(cases.length).toBeGreaterThanOrEqual(180)
  })

  it.each(cases)("%s", (statement, expected) => {
    expect(described(statement)).toBe(expected)
  })
})
