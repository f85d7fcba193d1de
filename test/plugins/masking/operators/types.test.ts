import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Column, ValueType } from "../../../../core/family/sql/index.ts"
import { Cell } from "../../../../plugins/masking/cell.ts"
import { columnsOf } from "../../../../protocols/postgres/columns.ts"
import { type RealPostgres, startPostgres } from "../../../fixtures/real-postgres.ts"
import { everyMask, operator } from "./operators.ts"

const enumType: ValueType = { name: "enum", labels: ["calm", "cross"] }
const person: ValueType = {
  name: "composite",
  fields: [{ name: "text" }, { name: "int4" }, enumType, { name: "date" }]
}

/** For each type: values, and what the analysis would say of a type of users. */
const types: Readonly<Record<string, readonly [values: ReadonlyArray<string>, foretold?: ValueType]>> = {
  int2: [["0", "-1", "12345", "-32768"]],
  int4: [["0", "94107", "-2147483648", "2147483647", "123456789"]],
  int8: [["0", "9223372036854775807", "-9223372036854775808", "4111111111111111"]],
  numeric: [["0", "-12.50", "1234567.891", "NaN"]],
  "numeric(12,2)": [["0.00", "-12.50", "1234567.89", "-9999999999.99", "NaN"]],
  "numeric(4,0)": [["0", "-12", "9999"]],
  float4: [["0", "-1.5", "3.4e38", "1e-40", "NaN", "Infinity"]],
  float8: [["0", "-1.5", "1.7e308", "1e-310", "123456.789", "NaN"]],
  bool: [["t", "f"]],
  text: [[
    "",
    "ada@example.com",
    "4111 1111 1111 1111",
    "078-05-1120",
    "94107-1234",
    "1990-12-10",
    "10.1.2.3",
    "Zoë 🦀",
    "a\\b\"c{d},e",
    "{\"email\": \"a@b.c\"}",
    "37"
  ]],
  "varchar(6)": [["", "ada@ex", "123456", "Zoë 🦀", "🦀🦀🦀🦀🦀🦀"]],
  "varchar(20)": [["ada@example.com", "1990-12-10 00:00:00"]],
  "char(12)": [["", "ada", "078-05-1120", "123456789012"]],
  name: [["ada@example.com", "x".repeat(63)]],
  "\"char\"": [["a"]],
  citext: [["Ada@Example.com", "078-05-1120"], { name: "citext" }],
  xml: [["<a>b</a>", "text"]],
  bytea: [["\\x", "\\x00ff10"]],
  uuid: [["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"]],
  date: [["2000-01-01", "1999-12-31", "0001-01-01", "9999-12-31", "infinity", "0044-03-15 BC", "20000-01-01"]],
  time: [["00:00:00", "23:59:59.999999"]],
  timestamp: [["2000-01-01 00:00:00", "1969-07-20 20:17:40.123456", "infinity", "0044-03-15 00:00:00 BC"]],
  timestamptz: [["2024-06-01 12:00:00.5+00", "1950-01-01 00:00:00+00", "-infinity"]],
  timetz: [["12:00:00+02"]],
  interval: [["1 year 2 mons 3 days 04:05:06.789", "-00:00:01", "-5 years -3 mons"]],
  json: [["{\"email\":\"a@b.c\", \"n\": 1.50, \"email\":[1]}", "null", "[1]", "\"ada@example.com\""]],
  jsonb: [["{\"email\": \"a@b.c\", \"n\": 1.50}", "null", "[1, {\"email\": 2}]"]],
  inet: [["10.1.2.3", "10.1.2.3/8", "2001:db8::1", "::", "::ffff:1.2.3.4", "2001:db8:0:1:1:1:1:1/64"]],
  cidr: [["10.0.0.0/8", "2001:db8::/32"]],
  point: [["(1,2)"]],
  money: [["12.50"]],
  "text[]": [["{}", "{ada@example.com,NULL,\"a \\\"b\\\"\"}", "{{078-05-1120,b},{\"NULL\",\"\"}}", "[0:1]={a,b}"]],
  "int4[]": [["{123456789,NULL,-5}"]],
  "varchar(6)[]": [["{ada,123456}"]],
  "date[]": [["{1990-12-10,NULL}"]],
  "numeric(12,2)[]": [["{1.50,-7.25}"]],
  mood: [["calm", "cross"], enumType],
  "mood[]": [["{calm,NULL}"], { name: "array", element: enumType }],
  mail: [["ada@example.com"]],
  person: [["(\"Ada \"\"L\"\"\",123456789,calm,1990-12-10)", "(,,,)"], person],
  "person[]": [["{\"(Ada,5,calm,)\"}"], { name: "array", element: person }]
}

const raw = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig

describe("masks as a real PostgreSQL takes them", () => {
  let server: RealPostgres
  let client: pg.Client
  beforeAll(async () => {
    server = await startPostgres({ settings: ["timezone=Europe/Berlin"] })
    client = new pg.Client({ host: server.host, port: server.port, user: "postgres", database: "postgres" })
    await client.connect()
    await client.query("create extension citext; create type mood as enum ('calm', 'cross')")
    await client.query("create domain mail as varchar(30) check (value like '%@%')")
    await client.query("create type person as (name text, pin int, feels mood, born date)")
  }, 60_000)
  afterAll(async () => {
    await client.end()
    await server.stop()
  })

  /** A value as the server sends it in a format, and the column that it comes in. */
  const sent = async (type: string, value: string, format: "text" | "binary", foretold: ValueType | undefined) => {
    const literal = `('${value.replaceAll("'", "''")}'::${type})`
    const { fields, rows } = await client.query({ text: `select ${literal} as c`, types: raw })
    const field = fields[0]!
    const described = {
      name: "c",
      tableOid: 0,
      attribute: 0,
      typeOid: field.dataTypeID,
      typeModifier: field.dataTypeModifier,
      format: format === "text" ? 0 as const : 1 as const
    }
    const lineage = {
      name: "c",
      how: "copy" as const,
      sources: [],
      ...(foretold === undefined ? {} : { type: foretold })
    }
    const [column] = columnsOf([described], undefined, [lineage])
    if (format === "text") return { column: column!, bytes: Buffer.from((rows[0] as { c: string }).c) }
    const send = await client.query("select typsend::text as send from pg_type where oid = $1", [field.dataTypeID])
    const sentBytes = await client.query(`select encode(${send.rows[0].send}${literal}, 'hex') as c`)
    return { column: column!, bytes: Buffer.from(sentBytes.rows[0].c, "hex") }
  }

  /**
   * What the server makes of a mask that it is sent in the same format, as the same type. A domain's checks are
   * not known here: its masks are of the type under it.
   */
  const textOf = async (type: string, mask: Uint8Array | null, format: "text" | "binary"): Promise<string | null> => {
    if (mask === null) return null
    const value = format === "text" ? Buffer.from(mask).toString("utf8") : Buffer.from(mask)
    const { rows } = await client.query({
      text: `select $1::${type === "mail" ? "varchar(30)" : type} as c`,
      values: [value],
      types: raw
    })
    return (rows[0] as { c: string }).c
  }

  const masked = async (column: Column, bytes: Uint8Array, mask: Readonly<Record<string, unknown>>, kind: string) => {
    const cell = new Cell(0, column, operator(mask, kind))
    const first = cell.mask(bytes)
    const again = new Cell(0, column, operator(mask, kind)).mask(Buffer.from(bytes))
    expect(again === null ? null : Buffer.from(again)).toEqual(first === null ? null : Buffer.from(first))
    return first
  }

  it.each(Object.keys(types))("%s: of the same type, and the same in text and in binary", async (type) => {
    const [values, foretold] = types[type]!
    for (const value of values) {
      const text = await sent(type, value, "text", foretold)
      const binary = await sent(type, value, "binary", foretold)
      for (const mask of everyMask) {
        for (const kind of ["text", "email", "card"]) {
          const name = `${JSON.stringify(mask)} as ${kind} of ${value}`
          const made = await masked(text.column, text.bytes, mask, kind)
          const other = await masked(binary.column, binary.bytes, mask, kind)
          const shown = await textOf(type, made, "text").catch((error) => expect.fail(`${name}: ${error.message}`))
          const same = await textOf(type, other, "binary").catch((error) =>
            expect.fail(`${name}, binary: ${error.message}`)
          )
          expect(same, name).toBe(shown)
          // What was sent is how the server itself would have spelt it, but for its session's time zone.
          const isZoned = type === "timestamptz" || /^(json|float)/.test(type)
          if (made !== null && !isZoned) expect(Buffer.from(made).toString("utf8"), name).toBe(shown)
        }
      }
    }
  }, 120_000)
})
