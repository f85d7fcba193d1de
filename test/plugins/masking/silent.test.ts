import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Protection } from "../../../core/index.ts"
import type { Lineage } from "../../../core/family/sql/index.ts"
import { columnOf, copy, derived, descriptionOf, exchangeOf, FakeRow, masker, statementOf } from "./fakes.ts"

// Random statements over two tables: whatever is allowed shows no protected value.
const names = ["a", "b", "c"]
const path = fc.tuple(fc.constantFrom("public.t", "public.u"), fc.constantFrom(...names)).map((parts) =>
  parts.join(".")
)
const output: fc.Arbitrary<Lineage> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(path, fc.constantFrom(...names, "x")).map(([from, name]) => copy(from, name)) },
  fc.tuple(fc.constantFrom(...names), fc.array(path, { minLength: 1, maxLength: 2 })).map(([name, from]) =>
    derived(name, ...from)
  ),
  fc.constant<Lineage>({ name: "k", how: "constant", sources: [] })
)
const secretTypes = ["text", "int4", "date", "jsonb", "uuid"] as const
const secretOf = {
  text: "CANARY-1",
  int4: "47110815",
  date: "1987-06-05",
  jsonb: "\"CANARY-2\"",
  uuid: "c0ffee00-0000-4000-8000-00000000cafe"
}
const scenario = fc.record({
  outputs: fc.array(
    fc.tuple(
      output,
      fc.constantFrom(...secretTypes),
      fc.constantFrom("text" as const, "binary" as const),
      fc.boolean()
    ),
    {
      minLength: 1,
      maxLength: 6
    }
  ),
  hidden: fc.subarray(["public.t.a", "public.t.b", "public.u.a", "public.u.*"]),
  obliged: fc.boolean()
})
type Scenario = typeof scenario extends fc.Arbitrary<infer A> ? A : never

/** Whether `subject` lets a protected value of the scenario out, or spoils another. */
const fails = (subject: ReturnType<typeof masker>, { hidden, obliged, outputs }: Scenario): boolean => {
  const protect = hidden.map((at) => {
    const dot = at.lastIndexOf(".")
    return { data_set: "d", table: at.slice(0, dot), column: at.slice(dot + 1), kind: "us_ssn" }
  })
  const isHidden = (lineage: Lineage): boolean =>
    lineage.sources.some(({ column: name, table }) =>
      hidden.includes(`${table}.${name}`) || hidden.includes(`${table}.*`)
      || (obliged && hidden.some((at) => at.startsWith(`${table}.`)))
    )
  const exchange = exchangeOf(statementOf({ results: [outputs.map(([lineage]) => lineage)] }), {
    protect,
    obliged: obliged ? ["d"] : []
  })
  if (subject.decide(exchange)._tag === "Deny")
    return !outputs.some(([lineage]) => lineage.how === "derived" && isHidden(lineage))
  const columns = outputs.map(([{ name }, type, format]) => columnOf(name, type, format))
  const secrets = columns.map((one, i) => outputs[i]![3] ? null : one.encode(secretOf[outputs[i]![1]])!)
  subject.transform(descriptionOf(columns), exchange)
  const row = new FakeRow(columns, secrets)
  subject.transform(row, exchange)
  return row.cells.some((cell, i) => {
    const was = secrets[i]!
    const same = was === null ? cell === null : cell !== null && Buffer.compare(cell, was) === 0
    return isHidden(outputs[i]![0]) && was !== null ? same : !same
  })
}
const holds = (make: () => ReturnType<typeof masker>): boolean =>
  !fc.check(fc.property(scenario, (of) => !fails(make(), of)), { numRuns: 5000 }).failed

describe("silent: no protected value leaves, and no other is touched", () => {
  it("holds for random statements, types and formats", () => expect(holds(() => masker())).toBe(true))

  it("catches a masker that forgets the binary format", () => {
    const mutant = () => {
      const { decide, transform } = masker()
      return {
        decide,
        transform: ((out, exchange) => {
          if (out.kind === "row") {
            const replace = out.replace.bind(out)
            out.replace = (i, value) => out.columns[i]!.format === "text" && replace(i, value)
          }
          transform(out, exchange)
        }) satisfies ReturnType<typeof masker>["transform"]
      }
    }
    expect(holds(mutant)).toBe(false)
  })

  it("catches a masker that goes by the name of the result's column", () => {
    const mutant = () => ({
      decide: masker().decide,
      transform: ((out, exchange) => {
        if (out.kind !== "row" || exchange === undefined) return
        const hidden = new Set(exchange.get(Protection).columns.map(({ column: name }) => name))
        out.columns.forEach(({ name }, i) => hidden.has(name) && !out.isNull(i) && out.replace(i, null))
      }) satisfies ReturnType<typeof masker>["transform"]
    })
    expect(holds(mutant)).toBe(false)
  })

  it("catches a masker that overlooks computed columns", () => {
    const blind = (exchange: ReturnType<typeof exchangeOf>) => ({
      ...exchange,
      operation: statementOf({
        results: exchange.operation.results.map(({ columns }) =>
          columns.map((one) => one.how === "derived" ? { ...one, sources: [] } : one)
        )
      })
    })
    const mutant = () => {
      const { decide, transform } = masker()
      return {
        decide: (exchange: ReturnType<typeof exchangeOf>) => decide(blind(exchange)),
        transform: ((out, exchange) => transform(out, exchange && blind(exchange))) satisfies ReturnType<
          typeof masker
        >["transform"]
      }
    }
    expect(holds(mutant)).toBe(false)
  })
})
