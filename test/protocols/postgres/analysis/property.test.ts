import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { declaredSnapshot } from "../../../../protocols/postgres/analysis/catalogue/declared.ts"
import { examine } from "../../../../protocols/postgres/analysis/examine.ts"
import type { Finding } from "../../../../protocols/postgres/analysis/finding.ts"
import "./schema.ts"

/** An expression, and whether it is nothing but a reference to a column of one table. */
interface Expression {
  readonly text: string
  readonly column: string | undefined
}

interface Table {
  readonly name: string
  readonly columns: ReadonlyArray<string>
}

const tables: fc.Arbitrary<ReadonlyArray<Table>> = fc.array(fc.integer({ min: 1, max: 4 }), {
  minLength: 1,
  maxLength: 3
})
  .map((widths) =>
    widths.map((width, index) => ({
      name: `t${index}`,
      columns: Array.from({ length: width }, (_, column) => `c${index}_${column}`)
    }))
  )

const definitionsOf = (schema: ReadonlyArray<Table>): string =>
  schema.map(({ name, columns }) => `CREATE TABLE ${name} (${columns.map((column) => `${column} text`).join(", ")});`)
    .join("\n")

const reference = (from: ReadonlyArray<Table>): fc.Arbitrary<Expression> =>
  fc.constantFrom(...from.flatMap(({ name, columns }) => columns.map((column) => ({ name, column })))).chain((
    { name, column }
  ) =>
    fc.constantFrom(column, `${name}.${column}`, `"${column}"`, column.toUpperCase(), `public.${name}.${column}`).map((
      text
    ) => ({
      text,
      column: `public.${name}.${column}`
    }))
  )

const shapes: ReadonlyArray<(a: string, b: string) => string> = [
  (a) => `upper(${a})`,
  (a) => `${a} || ''`,
  (a) => `(${a})::text`,
  (a, b) => `coalesce(${a}, ${b})`,
  (a, b) => `CASE WHEN ${a} = 'x' THEN ${b} END`,
  (a) => `(SELECT ${a})`,
  (a) => `nullif(${a}, 'x')`,
  (a, b) => `ARRAY[${a}, ${b}]`,
  (a, b) => `greatest(${a}, ${b})`,
  (a) => `${a} COLLATE "C"`,
  (a) => `row_to_json(row(${a}))`,
  (a) => `max(${a}) OVER ()`,
  (a) => `(ARRAY[${a}])[1]`,
  (a) => `${a} IS NULL`,
  (a, b) => `${a} IN (${b}, 'x')`
]

const expression = (from: ReadonlyArray<Table>): fc.Arbitrary<Expression> =>
  fc.oneof(
    reference(from),
    fc.tuple(fc.constantFrom(...shapes), reference(from), reference(from)).map(([shape, a, b]) => ({
      text: shape(a.text, b.text),
      column: undefined
    }))
  )

/** Ways to put a query around another that change nothing about where its columns come from. */
const wrappings: ReadonlyArray<(query: string, names: ReadonlyArray<string>) => string> = [
  (query) => query,
  (query) => `SELECT * FROM (${query}) AS w`,
  (query, names) => `WITH w AS (${query}) SELECT ${names.join(", ")} FROM w`,
  (query, names) => `SELECT ${names.map((name) => `w.${name}`).join(", ")} FROM (${query}) AS w (${names.join(", ")})`,
  (query) => `SELECT DISTINCT * FROM (${query}) AS w`,
  (query) => `SELECT w.* FROM (VALUES (1)) AS v (one) LEFT JOIN LATERAL (${query}) AS w ON true`
]

interface Case {
  readonly schema: ReadonlyArray<Table>
  readonly outputs: ReadonlyArray<Expression>
  readonly mixed: boolean
  readonly text: string
}

const cases: fc.Arbitrary<Case> = tables.chain((schema) =>
  fc.tuple(
    fc.array(expression(schema), { minLength: 1, maxLength: 4 }),
    fc.array(fc.constantFrom(...wrappings), { minLength: 1, maxLength: 3 }),
    fc.constantFrom("", "", "", "UNION", "UNION ALL", "EXCEPT")
  ).map(([outputs, around, operation]) => {
    const names = outputs.map((_, index) => `o${index}`)
    const from = schema.map(({ name }) => name).join(", ")
    const plain = `SELECT ${outputs.map(({ text }, index) => `${text} AS o${index}`).join(", ")} FROM ${from}`
    const whole = operation === "" ? plain : `${plain} ${operation} ${plain}`
    return { schema, outputs, mixed: operation !== "", text: around.reduce((query, wrap) => wrap(query, names), whole) }
  })
)

/** The outputs that are said to be copies and are not, or the other way round. */
const wrong = ({ outputs, mixed }: Case, finding: Finding): ReadonlyArray<string> =>
  (finding.results[0]?.columns ?? []).flatMap(({ how, sources }, index) => {
    const { column } = outputs[index]!
    if (mixed || column === undefined) return how === "copy" ? [`output ${index} is no copy`] : []
    const [source] = sources
    return how === "copy" && `${source?.table}.${source?.column}` === column
      ? []
      : [`output ${index} is a copy of ${column}`]
  })

/** Every column that stands in an output is among its sources. */
const missed = ({ outputs, schema }: Case, finding: Finding): ReadonlyArray<string> =>
  outputs.flatMap(({ text }, index) => {
    const named = schema.flatMap(({ name, columns }) =>
      columns.filter((column) => text.toLowerCase().includes(column)).map((column) => `public.${name}.${column}`)
    )
    const known = finding.results[0]?.columns[index]?.sources.map(({ table, column }) => `${table}.${column}`) ?? []
    return named.filter((column) => !known.includes(column))
  })

const resolve = (one: Case): Finding => examine(one.text, declaredSnapshot(definitionsOf(one.schema))).finding

describe("random statements", () => {
  it("are copies exactly where an output is a bare reference, and miss no source", () => {
    fc.assert(
      fc.property(cases, (one) => {
        const finding = resolve(one)
        expect(finding.unresolved, one.text).toBeUndefined()
        expect(wrong(one, finding), one.text).toEqual([])
        expect(missed(one, finding), one.text).toEqual([])
      }),
      { numRuns: 1000 }
    )
  })

  it("would catch an analysis that calls a computed output a copy", () => {
    const lies = (finding: Finding): Finding => ({
      ...finding,
      results: finding.results.map((result) => ({
        ...result,
        columns: result.columns.map((column) =>
          column.sources.length === 1 ? { ...column, how: "copy" as const } : column
        )
      }))
    })
    const check = fc.check(fc.property(cases, (one) => wrong(one, lies(resolve(one))).length === 0), { numRuns: 1000 })
    expect(check.failed).toBe(true)
  })

  it("would catch an analysis that forgets a source", () => {
    const forgets = (finding: Finding): Finding => ({
      ...finding,
      results: finding.results.map((result) => ({
        ...result,
        columns: result.columns.map((column) => ({ ...column, sources: column.sources.slice(0, 1) }))
      }))
    })
    const check = fc.check(fc.property(cases, (one) => missed(one, forgets(resolve(one))).length === 0), {
      numRuns: 1000
    })
    expect(check.failed).toBe(true)
  })

  it("never throw, whatever the text is", () => {
    const words = fc.constantFrom(
      "SELECT",
      "FROM",
      "people",
      "ssn",
      "(",
      ")",
      ",",
      "*",
      "'a'",
      "WHERE",
      "=",
      "JOIN",
      "ON",
      ".",
      ";",
      "WITH",
      "AS",
      "INSERT",
      "INTO",
      "VALUES",
      "UPDATE",
      "SET",
      "DELETE",
      "RETURNING",
      "ORDER BY",
      "1",
      "UNION",
      "COPY",
      "TO STDOUT"
    )
    const snapshot = declaredSnapshot("CREATE TABLE people (id int, ssn text)")
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
        const { finding } = examine(parts.join(" "), snapshot)
        expect(typeof finding.kind).toBe("string")
      }),
      { numRuns: 3000 }
    )
  })
})
