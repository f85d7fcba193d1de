import * as Schema from "effect/Schema"
import { Cell } from "../plugins/masking/cell.ts"
import { Detector, Memory } from "../plugins/masking/detection/index.ts"
import { Masks } from "../plugins/masking/masks.ts"
import masking from "../plugins/masking/index.ts"
import { Mask } from "../plugins/masking/operators/index.ts"
import { columnOf } from "../test/fixtures/postgres-values.ts"
import { copy, exchangeOf, FakeRow, refOf, statementOf } from "../test/plugins/masking/fakes.ts"
import type { Figure } from "./measure/figure.ts"
import { compare } from "./measure/micro.ts"

const CELLS = 256
const keys = new Map([["K", Buffer.from("0123456789abcdef0123456789abcdef")]])
const decode = Schema.decodeUnknownSync(Mask)

/** A mask, the type of the column, and a value in its text form. */
const cases: ReadonlyArray<readonly [mask: Readonly<Record<string, unknown>>, type: string, value: string]> = [
  [{ use: "partial" }, "text", "078-05-1120"],
  [{ use: "hash" }, "text", "ada@example.com"],
  [{ use: "token" }, "text", "ada@example.com"],
  [{ use: "fpe" }, "text", "078-05-1120"],
  [{ use: "fpe" }, "int4", "123456789"],
  [{ use: "generalise", to: "year" }, "date", "1987-03-14"],
  [{ use: "shift" }, "date", "1987-03-14"],
  [{ use: "noise" }, "numeric", "48271.63"],
  [{ use: "json", paths: { "/email": "email" } }, "jsonb", "{\"id\": 12, \"email\": \"ada@example.com\"}"],
  [{ use: "hash" }, "_text", "{ada,grace}"]
]

/** Cells of fourteen bytes, more or less, of a column that nobody declared. */
const undeclared: Readonly<Record<string, string>> = {
  clean: "waiting for it",
  undecided: "ORD-2019-11404",
  dense: "to a@b.example"
}

/**
 * What a masked cell costs, by operator, in text and in binary, beside the constant that needs not look at it; and what
 * it costs to look at a cell that nobody declared.
 */
const cells = function*(): Iterable<Figure> {
  for (const [mask, type, value] of cases) {
    for (const format of ["text", "binary"] as const) {
      const column = columnOf("c", type, format)
      const bytes = format === "text" ? Buffer.from(value) : column.encode(value)
      if (bytes === undefined) continue
      const name = `masking: ${mask["use"] as string} of ${type}, ${format}`
      yield compare(name, "ns/cell", CELLS, over(mask, column, bytes), "redact", over({ use: "redact" }, column, bytes))
    }
  }
  for (const detect of ["balanced", "strict"] as const) {
    for (const [what, value] of Object.entries(undeclared)) {
      const name = `masking: detect ${detect}, ${what} cell`
      yield compare(name, "ns/cell", CELLS, looked(detect, value), "a row that nobody masks", looked(undefined, value))
    }
  }
}

/** Rows of one cell, new for each look: their making costs the same for both contenders. */
const looked = (detect: "balanced" | "strict" | undefined, value: string): () => void => {
  const columns = [columnOf("c", "text", "text")]
  const bytes = Buffer.from(value)
  const masks = new Masks({}, new Map()).common
  const shape = { columns: [{ name: "c", how: "copy" as const, sources: [{ table: "public.t", column: "c" }] }] }
  const rows = Detector.of(detect === undefined ? {} : { detect }, "p", new Memory())
    ?.watch({ shape, columns, plan: undefined, masks })
  let kept: unknown
  return () => {
    for (let i = 0; i < CELLS; i++) {
      const row = new FakeRow(columns, [bytes])
      rows?.mask(row)
      kept = row.cells[0]
    }
    return void kept
  }
}

const over = (mask: Readonly<Record<string, unknown>>, column: ReturnType<typeof columnOf>, bytes: Uint8Array) => {
  const masks = new Masks({ key: "K", masks: { text: decode(mask) } }, keys)
  const cell = new Cell(0, column, masks.named("text")[0]!)
  let kept: Uint8Array | null = null
  return () => {
    for (let i = 0; i < CELLS; i++) kept = cell.mask(bytes)
    return void kept
  }
}

const STATEMENTS = 256

/** What looking for something to rewrite costs a statement that needs no rewriting, beside judging it alone. */
const statements = function*(): Iterable<Figure> {
  const resources = { masks: new Masks({}, new Map()), memory: new Memory() }
  const hooks = masking.connect({ id: "1", now: () => 0 } as never, { config: {}, resources })
  if ("_tag" in hooks) return
  const outputs = ["id", "city", "ssn", "since"].map((name) => copy(`public.customers.${name}`))
  const operation = statementOf({ results: [outputs] })
  const protect = [{ data_set: "people", ...refOf("public.customers.ssn"), kind: "us_ssn" }]
  for (const [name, columns] of [["nothing protected", []], ["a bare protected column", protect]] as const) {
    const exchange = exchangeOf(operation, { protect: columns })
    const judged = repeated(() => hooks.decide!(exchange))
    const both = repeated(() => [hooks.rewrite!(exchange), hooks.decide!(exchange)])
    yield compare(`masking: rewrite and decide, ${name}`, "ns/statement", STATEMENTS, both, "decide", judged)
  }
}

const repeated = (run: () => unknown) => {
  let kept: unknown
  return () => {
    for (let i = 0; i < STATEMENTS; i++) kept = run()
    return void kept
  }
}

export const measure = function*(): Iterable<Figure> {
  yield* statements()
  yield* cells()
}
