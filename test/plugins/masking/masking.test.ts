import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { allow, type Deny, type ProtectedColumn } from "../../../core/index.ts"
import masking, { describeKinds, kindNames, kinds } from "../../../plugins/masking/index.ts"
import { encodeBinary } from "../../fixtures/postgres-values.ts"
import {
  columnOf,
  copy,
  derived,
  descriptionOf,
  exchangeOf,
  type ExchangeOptions,
  FakeRow,
  masker,
  reportOf,
  statementOf,
  type StatementOptions,
  use
} from "./fakes.ts"

const column = (name: string, kind: string, data_set = "customers", table = "public.customers"): ProtectedColumn => ({
  data_set,
  table,
  column: name,
  kind
})
const customers = [column("email", "email"), column("ssn", "us_ssn")]
const SSN = "public.customers.ssn"

const judged = (
  statement: StatementOptions,
  options: Partial<ExchangeOptions> = {},
  config = {}
): Deny | typeof allow =>
  masker(config).decide(exchangeOf(statementOf(statement), { protect: customers, ...options })) as Deny | typeof allow

describe("masking, deciding", () => {
  it.each<[string, StatementOptions]>([
    ["a bare output", { results: [[copy(SSN), copy("public.customers.id")]] }],
    ["a bare output under another name", { results: [[copy(SSN, "anything")]] }],
    ["other columns of the table", { results: [[copy("public.customers.id"), derived("u", "public.customers.id")]] }],
    ["count(*)", {
      results: [[{ name: "count", how: "constant", sources: [] }]],
      reads: [{ kind: "table", name: "public.customers", fields: [] }]
    }],
    ["another table", {
      results: [[derived("x", "public.orders.ssn")]],
      uses: [use("public.orders.ssn", "predicate")]
    }],
    ["COPY of a bare column", { kind: "export", results: [[copy(SSN)]] }],
    ["writing what the client sent", {
      kind: "write",
      writes: [{ kind: "table", name: "public.customers", fields: ["ssn"] }]
    }],
    ["defining beside it", { kind: "define", writes: [{ kind: "table", name: "public.orders" }] }]
  ])("allows %s", (_name, statement) => expect(judged(statement)).toBe(allow))

  it.each<[string, StatementOptions]>([
    ["M03: an expression", { results: [[derived("x", SSN)]] }],
    ["M02: outputs that are mixed", { results: [[derived("ssn", "public.customers.id", SSN)]] }],
    ["a second result", { results: [[copy("public.customers.id")], [derived("x", SSN)]] }],
    ["M08: a condition", { results: [[copy("public.customers.id")]], uses: [use(SSN, "predicate")] }],
    ["M08: a join", { uses: [use(SSN, "join")] }],
    ["M08: an order", { uses: [use(SSN, "order")] }],
    ["M08: a group", { uses: [use(SSN, "group")] }],
    ["M08: a set operation", { results: [[copy(SSN)]], uses: [use(SSN, "compare")] }],
    ["M07: an aggregate", { uses: [use(SSN, "aggregate")] }],
    ["M11: a copy elsewhere", { kind: "write", uses: [use(SSN, "write")] }],
    ["M03: a transformation", { uses: [use(SSN, "transform")] }],
    ["a copy of two columns", {
      results: [[{ name: "x", how: "copy", sources: [...copy(SSN).sources, ...copy(SSN).sources] }]]
    }],
    ["a constant that has sources", { results: [[{ name: "x", how: "constant", sources: copy(SSN).sources }]] }],
    ["a use of a partition", {
      uses: [{ ...use("public.customers_2024.ssn", "predicate"), within: ["public.customers"] }]
    }],
    ["a rename", { kind: "define", writes: [{ kind: "table", name: "public.customers", fields: [] }] }],
    ["code that reads it", { kind: "execute", reads: [{ kind: "table", name: "public.customers", fields: ["ssn"] }] }],
    ["code that reads who knows what", { kind: "execute", reads: [{ kind: "table", name: "public.customers" }] }],
    ["a move of it", { kind: "move", reads: [{ kind: "table", name: "public.p1", within: ["public.customers"] }] }]
  ])("refuses %s", (_name, statement) => {
    const verdict = judged(statement)
    expect(verdict).toMatchObject({ _tag: "Deny", code: "masking" })
    expect((verdict as Deny).message).toMatch(/public\.(customers|p1)/)
    expect((verdict as Deny).hint).toBeTypeOf("string")
  })

  it("says which column, and how it was used", () => {
    expect((judged({ uses: [use(SSN, "order")] }) as Deny).message).toBe(
      "public.customers.ssn is protected and must not be sorted by."
    )
  })

  it("lets a group see, unless anyone in the chain is not in it", () => {
    const statement = { results: [[derived("x", SSN)]], uses: [use(SSN, "predicate")] }
    const config = { reveal_to_group: "fraud" }
    expect(judged(statement, { groups: ["fraud"] }, config)).toBe(allow)
    expect(judged(statement, { groups: ["a", "fraud"], actors: [["fraud"]] }, { reveal_to_group: ["x", "fraud"] }))
      .toBe(allow)
    expect(judged(statement, { groups: ["fraud"], actors: [["fraud"], []] }, config)._tag).toBe("Deny")
    expect(judged(statement, { groups: [] }, config)._tag).toBe("Deny")
    expect(judged(statement, { groups: ["fraud"] })._tag).toBe("Deny")
    expect(judged(statement, { groups: [""] }, { reveal_to_group: [] })._tag).toBe("Deny")
  })

  it("shows nobody what is under an obligation, whatever the column", () => {
    const options = { groups: ["fraud"], obliged: ["customers"] }
    const config = { reveal_to_group: "fraud" }
    expect(judged({ uses: [use(SSN, "predicate")] }, options, config)._tag).toBe("Deny")
    expect(judged({ uses: [use("public.customers.id", "predicate")] }, options, config)._tag).toBe("Deny")
    expect(judged({ uses: [use("public.customers.id", "predicate")] }, { groups: ["fraud"] }, config)).toBe(allow)
    expect(judged({ uses: [use("public.other.id", "predicate")] }, options, config)).toBe(allow)
  })

  it("passes what is not resolved only after an approval, and never under an obligation", () => {
    const nothing = { protect: [] }
    expect(judged({ resolved: false }, { ...nothing, decision: "approve" })).toBe(allow)
    expect(judged({ resolved: false }, nothing)._tag).toBe("Deny")
    expect(judged({ resolved: false }, { ...nothing, decision: "approve", obliged: ["customers"] })._tag).toBe("Deny")
    expect(judged({ resolved: false }, { decision: "approve" })._tag).toBe("Deny")
  })

  it("refuses a kind that it does not know", () => {
    expect(judged({ results: [[copy(SSN)]] }, { protect: [column("ssn", "toString")] })._tag).toBe("Deny")
  })
})

describe("masking, patching", () => {
  const cells = (...values: ReadonlyArray<string | null>) =>
    values.map((value) => value === null ? null : Buffer.from(value))
  const shown = (row: FakeRow) => row.cells.map((cell) => cell === null ? null : Buffer.from(cell).toString("utf8"))

  it("masks by position, whatever the names, and keeps NULL", () => {
    const exchange = exchangeOf(
      statementOf({ results: [[copy("public.customers.id", "ssn"), copy(SSN, "id"), copy("public.customers.email")]] }),
      { protect: customers }
    )
    const columns = [columnOf("ssn"), columnOf("id"), columnOf("email")]
    const { transform } = masker()
    transform(descriptionOf(columns), exchange)
    for (let i = 0; i < 1000; i++) {
      const row = new FakeRow(columns, cells("7", "123-45-6789", null))
      transform(row, exchange)
      expect(shown(row)).toEqual(["7", "***-**-****", null])
    }
  })

  it("masks each value by itself where one of the masks hangs on it", () => {
    const exchange = exchangeOf(statementOf({ results: [[copy(SSN), copy("public.customers.email")]] }), {
      protect: customers
    })
    const columns = [columnOf("ssn"), columnOf("email")]
    const { transform } = masker({ masks: { email: { use: "partial" } } })
    for (const [email, masked] of [["ada@a.example", "a****@a.example"], ["bob@b.test", "b****@b.test"]] as const) {
      const row = new FakeRow(columns, cells("123-45-6789", email))
      transform(row, exchange)
      expect(shown(row)).toEqual(["***-**-****", masked])
    }
  })

  it("M18: is not misled by names", () => {
    const names = ["__proto__", "constructor", "", "x", "x"]
    const exchange = exchangeOf(
      statementOf({ results: [names.map((name) => copy(`public.customers.${name}`, name))] }),
      { protect: [column("__proto__", "redact"), column("", "email")] }
    )
    const columns = names.map((name) => columnOf(name))
    const row = new FakeRow(columns, cells("a", "b", "c", "d", "e"))
    masker().transform(row, exchange)
    expect(shown(row)).toEqual(["****", "b", "****@****.***", "d", "e"])
  })

  it("M21: masks every type, by NULL where it cannot hold the mask", () => {
    const types: ReadonlyArray<[string, string | null]> = [
      ["text", "***-**-****"],
      ["varchar", "***-**-****"],
      ["int4", null],
      ["date", null],
      ["numeric", null],
      ["bool", null],
      ["uuid", null],
      ["_text", null],
      ["oid:16999", null],
      ["json", "\"***-**-****\""],
      ["bytea", "\\x" + Buffer.from("***-**-****").toString("hex")]
    ]
    for (const [type, mask] of types) {
      const exchange = exchangeOf(statementOf({ results: [[copy(SSN)]] }), { protect: customers })
      const row = new FakeRow([columnOf("ssn", type)], cells("CANARY"))
      masker().transform(row, exchange)
      expect(shown(row), type).toEqual([mask])
    }
  })

  it("PG19: masks in the binary format", () => {
    const exchange = exchangeOf(statementOf({ results: [[copy(SSN), copy("public.customers.email")]] }), {
      protect: customers
    })
    const columns = [columnOf("ssn", "jsonb", "binary"), columnOf("email", "int8", "binary")]
    const row = new FakeRow(columns, [encodeBinary("jsonb", "\"CANARY\"")!, encodeBinary("int8", "4711")!])
    masker().transform(row, exchange)
    expect(row.cells).toEqual([encodeBinary("jsonb", "\"***-**-****\""), null])
  })

  it("masks each of several results by its own lineage", () => {
    const exchange = exchangeOf(
      statementOf({ results: [[copy("public.customers.id", "c")], [copy(SSN, "c")]] }),
      { protect: customers }
    )
    const { transform } = masker()
    const columns = [columnOf("c")]
    for (const [result, want] of [[0, "v"], [1, "***-**-****"], [0, "v"]] as const) {
      const row = new FakeRow(columns, cells("v"), result)
      transform(row, exchange)
      expect(shown(row)).toEqual([want])
    }
  })

  it("keeps exchanges apart that share their columns", () => {
    const columns = [columnOf("c")]
    const hidden = exchangeOf(statementOf({ results: [[copy(SSN, "c")]] }), { protect: customers })
    const open = exchangeOf(statementOf({ results: [[copy(SSN, "c")]] }), { protect: [] })
    const { transform } = masker()
    for (
      const [exchange, want] of [[open, "v"], [hidden, "***-**-****"], [open, "v"], [hidden, "***-**-****"]] as const
    ) {
      const row = new FakeRow(columns, cells("v"))
      transform(row, exchange)
      expect(shown(row)).toEqual([want])
    }
  })

  it("lets nothing leave that the analysis did not foretell", () => {
    const exchange = () =>
      exchangeOf(statementOf({ results: [[copy(SSN), copy("public.customers.id")]] }), { protect: customers })
    const one = [columnOf("ssn")]
    const swapped = [columnOf("id"), columnOf("ssn")]
    const two = [columnOf("ssn"), columnOf("id")]
    for (const columns of [one, swapped, [...two, columnOf("more")], []]) {
      expect(() => masker().transform(descriptionOf(columns), exchange())).toThrow()
      const { transform } = masker()
      const row = new FakeRow(columns, columns.map(() => Buffer.from("v")))
      const asked = exchange()
      expect(() => transform(row, asked)).toThrow()
      expect(() => transform(row, asked)).toThrow()
    }
    expect(() => masker().transform(descriptionOf(two, 1), exchange())).toThrow()
    expect(() => masker().transform(new FakeRow(two, cells("v", "v")), undefined)).toThrow()
    const derivedNow = exchangeOf(statementOf({ results: [[derived("x", SSN)]] }), { protect: customers })
    expect(() => masker().transform(descriptionOf([columnOf("x")]), derivedNow)).toThrow()
    const unknown = exchangeOf(statementOf({ results: [[copy(SSN)]] }), {
      protect: customers,
      without: ["sluice/protection"]
    })
    expect(() => masker().transform(descriptionOf([columnOf("ssn")]), unknown)).toThrow()
  })
})

describe("masking, reports", () => {
  const places = { position: "17", file: "nbtinsert.c", line: "664", routine: "_bt_check_unique" }
  const names = "detail hint context constraint type table schema column internal_query internal_position other"
  const extras = { ...places, ...Object.fromEntries(names.split(" ").map((name) => [name, "CANARY"])) }
  const protectedWrite = exchangeOf(
    statementOf({ kind: "write", writes: [{ kind: "table", name: "public.customers", fields: ["id"] }] }),
    { protect: customers }
  )

  it("M09: keeps code and severity of a report about what is protected, and fixed words", () => {
    for (const kind of ["error", "notice"] as const) {
      const report = reportOf("23505", extras, kind)
      masker().transform(report, protectedWrite)
      expect(report.message).toBe("A unique constraint would be violated.")
      expect(Object.fromEntries(report.extras)).toEqual(places)
      expect(JSON.stringify([report, [...report.extras]])).not.toContain("CANARY")
    }
  })

  it("M10: drops even harmless fields whose form is not harmless", () => {
    const report = reportOf("P0001", { position: "CANARY", file: "CANARY.sql", line: "x1", routine: "CANARY secret" })
    masker().transform(report, protectedWrite)
    expect(report.extras.size).toBe(0)
  })

  it("has words for any code, its class, or none", () => {
    const told = (code: string) => {
      const report = reportOf(code, {})
      masker().transform(report, undefined)
      return report.message
    }
    expect(told("22P02")).toBe("A value's text is not valid for its type.")
    expect(told("22999")).toBe("A value is not valid.")
    for (const odd of ["ZZZZZ", "", "__proto__", "CANARY"]) {
      expect(told(odd)).toBe("The server reported something that is not shown here.")
    }
  })

  it("scrubs what belongs to no operation, to an unresolved one, or to one of which nothing is known", () => {
    const nothing = statementOf({ results: [[copy("public.orders.id")]] })
    const unknown = [
      undefined,
      exchangeOf(statementOf({ resolved: false }), { protect: [] }),
      exchangeOf(nothing, { protect: [], without: ["sluice/protection"] })
    ]
    for (const exchange of unknown) {
      const report = reportOf("XX000", extras)
      masker().transform(report, exchange)
      expect(report.message).not.toContain("CANARY")
    }
  })

  it("leaves reports alone that are about nothing protected, or for those who may see it", () => {
    const open = exchangeOf(statementOf({ results: [[copy("public.orders.id")]] }), { protect: customers })
    const revealed = exchangeOf(statementOf({ results: [[copy(SSN)]] }), { protect: customers, groups: ["fraud"] })
    for (const exchange of [open, revealed]) {
      const report = reportOf("22P02", extras)
      masker({ reveal_to_group: "fraud" }).transform(report, exchange)
      expect([report.message, report.extras.size]).toEqual(["CANARY in the message", Object.keys(extras).length])
    }
  })

  it("M11: empties the payload of every notification", () => {
    const notification = { kind: "notification" as const, channel: "c", payload: "CANARY" }
    masker().transform(notification, undefined)
    expect(notification).toEqual({ kind: "notification", channel: "c", payload: "" })
  })
})

describe("masking's options and kinds", () => {
  const decode = Schema.decodeUnknownSync(masking.config, { onExcessProperty: "error" })
  it("takes a group, several, or none", () => {
    expect([{}, { reveal_to_group: "a" }, { reveal_to_group: ["a", "b"] }].map((options) => decode(options)))
      .toHaveLength(3)
    for (const options of [{ reveal_to_group: "" }, { reveal_to_group: [] }, { reveal: "a" }]) {
      expect(() => decode(options)).toThrow()
    }
  })
  it("has the kinds of the policy, each with a constant mask and a line in the table", () => {
    expect(kindNames).toEqual([
      "email",
      "phone",
      "name",
      "address",
      "date_of_birth",
      "us_ssn",
      "national_id",
      "iban",
      "card",
      "ip",
      "secret",
      "free_text",
      "text",
      "redact"
    ])
    for (const [name, { describe, mask }] of kinds) {
      expect(mask).toMatch(/^[*@.\-0]+$/)
      expect(describeKinds()).toContain(`${name} `)
      expect(describeKinds()).toContain(describe)
    }
  })
})
