import { createHash } from "node:crypto"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Parameter } from "../../../core/family/sql/index.ts"
import { AskedStatement } from "../../../protocols/postgres/statement.ts"

const parameters: fc.Arbitrary<ReadonlyArray<Parameter>> = fc.array(
  fc.record({
    format: fc.constantFrom("text" as const, "binary" as const),
    value: fc.option(fc.uint8Array({ maxLength: 8 }))
  }),
  { maxLength: 4 }
)

describe("a statement off the wire", () => {
  it("is unknown and unresolved until it was analysed", () => {
    const raw = new AskedStatement("SELECT 1", "simple")
    expect([raw.kind, raw.resolved, raw.reads, raw.results]).toEqual(["unknown", false, [], []])
  })

  it("has a digest that anyone can compute", () => {
    const raw = new AskedStatement("SELECT $1", "bind", [{ format: "text", value: new Uint8Array([0x61]) }])
    const bytes = Buffer.from([...Buffer.from("SELECT $1\0"), 0, 0, 0, 0, 1, 0x61])
    expect(raw.digest).toBe(createHash("sha256").update(bytes).digest("hex"))
  })

  it("has another digest when any parameter is another", () => {
    const shown = (all: ReadonlyArray<Parameter>): string =>
      JSON.stringify(all.map(({ format, value }) => [format, value === null ? null : [...value]]))
    fc.assert(
      fc.property(parameters, parameters, (a, b) => {
        const same =
          new AskedStatement("SELECT 1", "bind", a).digest === new AskedStatement("SELECT 1", "bind", b).digest
        expect(same).toBe(shown(a) === shown(b))
      }),
      { numRuns: 1000 }
    )
  })

  it("would share a digest if lengths were left out", () => {
    const joined = (all: ReadonlyArray<Parameter>): string =>
      Buffer.concat(all.map(({ value }) => value ?? new Uint8Array())).toString("hex")
    const split = [new Uint8Array([1]), new Uint8Array([2])].map((value) => ({ format: "text" as const, value }))
    const whole = [{ format: "text" as const, value: new Uint8Array([1, 2]) }]
    expect(joined(split)).toBe(joined(whole))
    expect(new AskedStatement("", "bind", split).digest).not.toBe(new AskedStatement("", "bind", whole).digest)
  })

  it("has a summary of one line that is not too long", () => {
    expect(new AskedStatement("SELECT\n  1\t,  2", "simple").summary).toBe("SELECT 1 , 2")
    expect(new AskedStatement(`SELECT '${"x".repeat(1000)}'`, "simple").summary.length).toBeLessThanOrEqual(201)
  })
})
