import * as fc from "fast-check"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { encodeBinary, encodeText } from "../../../fixtures/postgres-values.ts"
import { typeName } from "../../../../protocols/postgres/values/type-name.ts"
import { postgresInstalls, type RealPostgres, startPostgres } from "../../../fixtures/real-postgres.ts"

/** Values that must be made, for each type, as the server spells them. */
const accepted: Readonly<Record<string, ReadonlyArray<string>>> = {
  bool: ["t", "f", "true", "false"],
  int2: ["0", "-1", "32767", "-32768", "007"],
  int4: ["0", "2147483647", "-2147483648"],
  int8: ["9223372036854775807", "-9223372036854775808", "0"],
  oid: ["0", "4294967295"],
  float4: ["0", "1.5", "-3.25", "NaN", "Infinity", "-Infinity", "1e-40", "3.4028235e+38", "0.1"],
  float8: ["0", "-0", "1.5", "NaN", "Infinity", "-Infinity", "1e-310", "1.7976931348623157e+308", "0.1"],
  numeric: [
    "0",
    "0.00",
    "-0.00",
    "1",
    "-1",
    "10000",
    "99999999",
    "0.0001",
    "12345.678900",
    "NaN",
    "00012.50",
    "-0.5",
    "100000000"
  ],
  text: ["", "****", "Zoë 🦀", "a\tb\nc"],
  varchar: ["****"],
  bpchar: ["****"],
  name: ["****", "x".repeat(63), "x".repeat(64)],
  char: ["*"],
  json: ["null", "\"****\"", "{\"a\": [1, 2]}", "1e10"],
  jsonb: ["null", "\"****\"", "{\"a\": [1, 2]}"],
  xml: ["****", "some text"],
  bytea: ["\\x", "\\x00ff10", "****"],
  uuid: ["00000000-0000-0000-0000-000000000000", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"],
  date: ["2000-01-01", "1999-12-31", "0001-01-01", "9999-12-31", "2024-02-29", "infinity", "-infinity"],
  time: ["00:00:00", "23:59:59.999999", "24:00:00", "01:02:03.500"],
  timestamp: ["2000-01-01 00:00:00", "1969-07-20 20:17:40.123456", "0001-01-01 00:00:00", "infinity", "-infinity"],
  timestamptz: ["2000-01-01 00:00:00+00", "2024-06-01 12:00:00.5+00", "infinity", "-infinity"],
  interval: [
    "00:00:00",
    "1 year 2 mons 3 days 04:05:06.789",
    "-1 days +02:03:00",
    "-00:00:01",
    "1 day",
    "100:00:00",
    "1 mon"
  ],
  inet: ["127.0.0.1", "10.1.2.3/8", "::1", "2001:db8::1/64", "0.0.0.0/0", "1.2.3.4/32"],
  cidr: ["10.0.0.0/8", "127.0.0.1/32", "2001:db8::/32", "::/0", "1.2.3.4"]
}
/** Values that the type cannot hold, or that are not made on purpose. */
const refused: Readonly<Record<string, ReadonlyArray<string>>> = {
  bool: ["****", "", "yes "],
  int2: ["****", "32768", "1.0", "", " 1", "1e3", "-"],
  int4: ["****", "2147483648"],
  int8: ["9223372036854775808", "9".repeat(30)],
  oid: ["-1", "4294967296"],
  float4: ["****", "1e39", "1e-60", "", "0x10"],
  float8: ["****", "1e309", "1e-400", "inf"],
  numeric: ["****", "", ".", "1.", "--1", "1e5", "1".repeat(1001)],
  text: ["a\0b", "\ud800"],
  char: ["", "**", "é"],
  json: ["****", "", "{", "\"\\ud800\""],
  jsonb: ["****", "\"\\u0000\"", "1e99999"],
  xml: ["<a", "&", "\u0001"],
  bytea: ["\\x0", "\\", "é", "a\\b"],
  uuid: ["****", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1"],
  date: ["****", "2023-02-29", "0000-01-01", "2023-13-01", "2023-00-01", "10000-01-01", "2023-1-1"],
  time: ["****", "24:00:01", "23:60:00", "23:00:60", "25:00:00"],
  timestamp: ["****", "2023-02-29 00:00:00", "2023-01-01", "2023-01-01 24:00:00"],
  timestamptz: ["****", "2023-01-01 00:00:00", "2023-01-01 00:00:00+16"],
  interval: ["****", "", " ", "1 year ", "1 mon 1 year", "00:60:00", "999999999 years"],
  inet: ["****", "256.0.0.1", "1.2.3", "01.2.3.4", "::1::", ":::", "1.2.3.4/33", "::/129", "1:2:3:4:5:6:7:8:9"],
  cidr: ["10.0.0.1/8", "::1/64"],
  _text: ["{****}"],
  "oid:99999": ["****"],
  tsvector: ["a"]
}

const hex = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString("hex")

const pad = (value: number, width: number): string => String(value).padStart(width, "0")
const digits = fc.stringMatching(/^[0-9]{1,12}$/)
const clock = fc.tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.nat(999_999)).map(([h, m, s, f]) =>
  `${pad(h, 2)}:${pad(m, 2)}:${pad(s, 2)}.${pad(f, 6)}`
)
const day = fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }).map((date) =>
  date.toISOString().slice(0, 10)
)
/** Text that each type can hold, or nearly. */
const arbitraries: Readonly<Record<string, fc.Arbitrary<string>>> = {
  int2: fc.integer({ min: -40_000, max: 40_000 }).map(String),
  int4: fc.integer().map(String),
  int8: fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  float4: fc.float({ noNaN: true }).map((value) => String(value)),
  float8: fc.double({ noNaN: true }).map((value) => String(value)),
  numeric: fc.tuple(fc.constantFrom("", "-"), digits, fc.option(digits)).map(([sign, whole, rest]) =>
    sign + whole + (rest === null ? "" : "." + rest)
  ),
  text: fc.string({ unit: "grapheme" }),
  json: fc.json(),
  bytea: fc.uint8Array().map((bytes) => "\\x" + Buffer.from(bytes).toString("hex")),
  uuid: fc.uuid(),
  date: day,
  time: clock,
  timestamp: fc.tuple(day, clock).map((parts) => parts.join(" ")),
  timestamptz: fc.tuple(day, clock, fc.integer({ min: -12, max: 14 })).map(([date, time, zone]) =>
    `${date} ${time}${zone < 0 ? "-" : "+"}${pad(Math.abs(zone), 2)}:30`
  ),
  interval: fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer(), fc.nat(99_999), fc.nat(59), fc.nat(999_999))
    .map(([years, days, hours, seconds, fraction]) =>
      `${years} years ${Math.trunc(days / 10)} days ${pad(hours, 2)}:00:${pad(seconds, 2)}.${pad(fraction, 6)}`
    ),
  inet: fc.oneof(fc.ipV4(), fc.ipV6(), fc.tuple(fc.ipV4(), fc.nat(40)).map((parts) => parts.join("/"))),
  cidr: fc.oneof(
    fc.tuple(fc.nat(255), fc.nat(255), fc.nat(34)).map(([a, b, bits]) => `${a}.${b}.0.0/${bits}`),
    fc.tuple(fc.ipV6(), fc.nat(130)).map((parts) => parts.join("/")),
    fc.ipV4()
  )
}

describe.each(postgresInstalls().map((bin) => [bin]))("values as the PostgreSQL of %s writes them", (bin) => {
  let server: RealPostgres
  let client: pg.Client
  beforeAll(async () => {
    server = await startPostgres({ bin, settings: ["timezone=UTC"] })
    client = new pg.Client({ host: server.host, port: server.port, user: "postgres", database: "postgres" })
    await client.connect()
  }, 60_000)
  afterAll(async () => {
    await client.end()
    await server.stop()
  })

  /** What the type's own send and output functions make of `text`; undefined when its input function refuses. */
  const asked = async (type: string, text: string): Promise<{ binary: string; text: string } | undefined> => {
    const cast = `($1::text)::pg_catalog."${type}"`
    const catalogue = await client.query(
      "select typsend::text as send, typoutput::text as output from pg_type where typname = $1 and typnamespace = 11",
      [type]
    )
    const { output, send } = catalogue.rows[0]
    try {
      const { rows } = await client.query(
        `select encode(pg_catalog.${send}(${cast}), 'hex') as binary, textin(pg_catalog.${output}(${cast})) as text`,
        [text]
      )
      return rows[0]
    } catch (error) {
      // 42883 and such would be a mistake of this test.
      expect((error as { code: string }).code).toMatch(/^2[0-9A-Z]{4}$/)
      return undefined
    }
  }

  it.each(Object.keys(accepted))("%s: makes what the server makes", async (type) => {
    for (const text of accepted[type]!) {
      const real = await asked(type, text)
      expect(real, `${type} ${text}`).toBeDefined()
      expect(hex(encodeBinary(type, text)), `${type} ${text}`).toBe(real!.binary)
      const made = Buffer.from(encodeText(type, text)!).toString("utf8")
      // Floats aside, our text form is the server's; both parse to the same value.
      if (type === "float4" || type === "float8") expect(hex(encodeBinary(type, made))).toBe(real!.binary)
      else expect(made, `${type} ${text}`).toBe(real!.text)
    }
  })

  it.each(Object.keys(arbitraries))("%s: makes what the server makes, or nothing, for any text", async (type) => {
    let made = 0
    await fc.assert(
      fc.asyncProperty(arbitraries[type]!, async (text) => {
        const binary = encodeBinary(type, text)
        expect(encodeText(type, text) === undefined).toBe(binary === undefined)
        if (binary === undefined) return
        made++
        expect(hex(binary)).toBe((await asked(type, text))?.binary)
      }),
      { numRuns: 300 }
    )
    expect(made).toBeGreaterThan(50)
  }, 30_000)

  it("never makes what the server refuses, whatever the text", async () => {
    const types = Object.keys(accepted).filter((type) => !["text", "varchar", "bpchar", "char", "name"].includes(type))
    const text = fc.oneof(
      fc.constantFrom("****", "***-**-****", "****@****.***", "1900-01-01", "0"),
      fc.stringMatching(/^[-+0-9:. /a-f\\x{}"*]{0,16}$/)
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...types), text, async (type, value) => {
        const binary = encodeBinary(type, value)
        if (binary !== undefined) expect(hex(binary)).toBe((await asked(type, value))?.binary)
      }),
      { numRuns: 2000 }
    )
  }, 60_000)

  it("catches an encoder that writes integers the wrong way round", async () => {
    const mutant = Buffer.from(encodeBinary("int4", "258")!).reverse().toString("hex")
    expect(mutant).not.toBe((await asked("int4", "258"))!.binary)
  })

  it("knows every built-in type by its OID", async () => {
    const { rows } = await client.query(
      "select oid::int8::text as oid, typname::text as name from pg_type where oid < 10000"
    )
    expect(rows.length).toBeGreaterThan(150)
    for (const { name, oid } of rows) expect(typeName(Number(oid))).toBe(name)
    expect(typeName(16384)).toBe("oid:16384")
  })
})

describe("values that the type cannot hold", () => {
  it.each(Object.keys(refused))("%s", (type) => {
    for (const text of refused[type]!) {
      expect(encodeText(type, text), JSON.stringify(text)).toBeUndefined()
      expect(encodeBinary(type, text), JSON.stringify(text)).toBeUndefined()
    }
  })
})
