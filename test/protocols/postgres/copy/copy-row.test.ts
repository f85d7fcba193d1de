import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { concatBytes, Outbox, writeInt32 } from "../../../../core/bytes/index.ts"
import type { Column, CopyFormat } from "../../../../core/family/sql/index.ts"
import { CopyRow } from "../../../../protocols/postgres/copy/copy-row.ts"
import { postgresInstalls, type RealPostgres, startPostgres } from "../../../fixtures/real-postgres.ts"
import { CopySession } from "./copy-session.ts"

type Cell = string | null
const columnsOf = (count: number): ReadonlyArray<Column> =>
  Array.from({ length: count }, (_, i) => ({
    name: `c${i}`,
    type: "text",
    format: "text",
    encode: (text: string) => Buffer.from(text),
    valueType: { name: "text" },
    substitute: () => null
  }))
const base: CopyFormat = { format: "text", delimiter: "\t", null: "\\N", quote: "\"", escape: "\"", header: false }
const binary: CopyFormat = { ...base, format: "binary" }

const framed = (payload: string | Uint8Array): Uint8Array => {
  const bytes = typeof payload === "string" ? Buffer.from(payload) : payload
  const whole = new Uint8Array(5 + bytes.length)
  whole[0] = 0x64
  writeInt32(whole, 1, bytes.length + 4)
  whole.set(bytes, 5)
  return whole
}
const wireOf = (chunk: Uint8Array) => ({ chunk, start: 0, end: chunk.length })
const leaving = (row: CopyRow): Uint8Array => {
  const out = new Outbox()
  row.encode(out)
  const parts: Array<Uint8Array> = []
  for (let part = out.shift(); part !== undefined; part = out.shift()) parts.push(part)
  return concatBytes(parts)
}
const cells = (row: CopyRow): Array<Cell> =>
  row.columns.map((_, i) => {
    const bytes = row.bytes(i)
    expect(row.isNull(i)).toBe(bytes === null)
    return bytes === null ? null : Buffer.from(bytes).toString("utf8")
  })

// Values made of what the formats give a meaning to.
const spice = [
  "\t",
  ",",
  "|",
  ";",
  "\"",
  "'",
  "~",
  "^",
  "\\",
  "\n",
  "\r",
  "\b",
  "\v",
  "\f",
  "\x01",
  "N",
  "NULL",
  "\\N",
  "\\.",
  "x",
  "x\n",
  "-",
  "é",
  "🦀",
  "0",
  " "
]
const value = fc.oneof(
  fc.array(fc.constantFrom(...spice), { maxLength: 6 }).map((parts) => parts.join("")),
  fc.constantFrom(...spice),
  fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"))
)
const cell = fc.option(value, { freq: 6 })
const table = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 4 })
)
const textFormat = fc.record({
  delimiter: fc.constantFrom("\t", ",", "|", "\x01", "N", ";", "'"),
  null: fc.constantFrom("\\N", "", "NULL", "x", "é", "0", "-", "x\\n")
}).filter((format) => !format.null.includes(format.delimiter))
  .map((format): CopyFormat => ({ ...base, ...format }))
const csvFormat = fc.record({
  format: fc.constant("csv" as const),
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  null: fc.constantFrom("", "NULL", "\\N", "-", "é"),
  quote: fc.constantFrom("\"", "'", "~"),
  escape: fc.constantFrom("\"", "'", "\\", "^"),
  header: fc.boolean(),
  forceQuote: fc.constantFrom(undefined, true as const, [0])
}).map(({ forceQuote, ...format }): CopyFormat => ({ ...format, ...(forceQuote === undefined ? {} : { forceQuote }) }))
const anyFormat = fc.oneof(textFormat, csvFormat, fc.constant(binary))

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
const optionsOf = (format: CopyFormat, direction: "to" | "from"): string => {
  if (format.format === "binary") return "(format binary)"
  const { delimiter, escape, forceQuote, header, null: none, quote } = format
  const all = [`format ${format.format}`, `delimiter ${literal(delimiter)}`, `null ${literal(none)}`]
  if (header) all.push("header")
  if (format.format === "csv") all.push(`quote ${literal(quote)}`, `escape ${literal(escape)}`)
  if (forceQuote !== undefined && direction === "to") all.push(`force_quote ${forceQuote === true ? "*" : "(c0)"}`)
  return `(${all.join(", ")})`
}
/** Whether a value could look like NULL: never in CSV and binary; in text, unless it is spelt as nothing else is. */
const isAmbiguous = (format: CopyFormat): boolean => format.format === "text" && format.null !== "\\N"
/** What a row shows of a value: where NULL could be a value, it is one. */
const shown = (text: Cell, format: CopyFormat): Cell => text === null && isAmbiguous(format) ? lookalike(format) : text
const lookalike = (format: CopyFormat): string => format.null.replace("\\n", "\n")
/** What COPY FROM reads where the server wrote `text`. */
const readBack = (text: Cell, format: CopyFormat): Cell =>
  text !== null && isAmbiguous(format) && text === lookalike(format) ? null : text
/** What it reads where a patch put `text`: only the empty string has no other spelling. */
const patchedBack = (text: Cell, format: CopyFormat): Cell => text === "" ? readBack(text, format) : text

/** Goes over `messages` with `row`, and answers the rows it saw and what left with `patches` put in. */
const through = (
  row: CopyRow,
  messages: ReadonlyArray<Uint8Array>,
  width: number,
  patches: ReadonlyArray<ReadonlyArray<Cell | undefined>>
) => {
  const columns = columnsOf(width)
  const seen: Array<Array<Cell>> = []
  const left: Array<Uint8Array> = []
  const parts: Array<string> = []
  for (const message of messages) {
    expect(row.move(wireOf(message), columns, 3)).toBe(true)
    expect(row.patched).toBe(false)
    parts.push(row.part)
    if (row.part === "row") {
      const patch = patches[seen.length]
      seen.push(cells(row))
      patch?.forEach((to, i) => to === undefined || row.replace(i, to === null ? null : Buffer.from(to)))
    }
    left.push(leaving(row))
  }
  return { seen, left: concatBytes(left), parts }
}

describe.each(postgresInstalls().map((bin) => [bin]))("COPY as the PostgreSQL of %s writes it", (bin) => {
  let server: RealPostgres
  let session: CopySession
  beforeAll(async () => {
    server = await startPostgres({ bin })
    session = await CopySession.open(server.port)
    await session.query("create table target (c0 text, c1 text, c2 text, c3 text)")
  }, 60_000)
  afterAll(async () => {
    session.close()
    await server.stop()
  })

  /** Reads `rows` out of the server, patches them on the way, and reads them back into it. */
  const roundTrip = async (
    format: CopyFormat,
    rows: ReadonlyArray<ReadonlyArray<Cell>>,
    patches: ReadonlyArray<ReadonlyArray<Cell | undefined>>,
    make: (format: CopyFormat) => CopyRow = (as) => new CopyRow(as)
  ): Promise<void> => {
    const width = rows[0]!.length
    const names = columnsOf(width).map(({ name }) => name).join(", ")
    const values = rows.map((row) => `(${row.map((to) => to === null ? "null::text" : literal(to)).join(", ")})`).join(
      ", "
    )
    const out = await session.copyOut(
      `copy (select * from (values ${values}) as v (${names})) to stdout with ${optionsOf(format, "to")}`
    )
    const { left, parts, seen } = through(make(format), out, width, patches)
    expect(seen).toEqual(rows.map((row) => row.map((to) => shown(to, format))))
    if (format.header) expect(parts[0]).toBe("header")
    if (format.format === "binary") expect(parts.at(-1)).toBe("trailer")
    if (patches.length === 0) expect(Buffer.from(left)).toEqual(Buffer.concat(out))
    await session.query("delete from target")
    await session.copyIn(`copy target (${names}) from stdin with ${optionsOf(format, "from")}`, left)
    const expected = rows.map((row, r) =>
      row.map((to, c) => {
        const patch = patches[r]?.[c]
        return patch === undefined ? readBack(to, format) : patchedBack(patch, format)
      })
    )
    expect(await session.query(`select ${names} from target`)).toEqual(expected)
  }

  const cases = table.chain((rows) =>
    fc.tuple(
      fc.constant(rows),
      fc.array(fc.array(fc.oneof(cell, fc.constant(undefined)), { maxLength: rows[0]!.length }), {
        maxLength: rows.length
      })
    )
  )

  it.each([["text", textFormat], ["csv", csvFormat], ["binary", fc.constant(binary)]] as const)(
    "%s: PG20: reads every value, and what it patches reads back",
    async (_name, formats) => {
      await fc.assert(
        fc.asyncProperty(formats, cases, (format, [rows, patches]) => roundTrip(format, rows, patches)),
        { numRuns: 500 }
      )
    },
    120_000
  )

  it("tells the header line from rows in the text format too, where the server can write one", async () => {
    if (server.major < 15) return
    await roundTrip({ ...base, header: true }, [["a", null], ["b\tc", "d"]], [["x\ty"]])
  })

  it("catches a row that escapes for another format", async () => {
    const mutant = () => {
      const row = new CopyRow({ ...base, delimiter: "," })
      row.encode = (out) => CopyRow.prototype.encode.call(row, out)
      return row
    }
    const patched = roundTrip({ ...base, delimiter: "|" }, [["a,b", "c"]], [["d|e"]], mutant)
    await expect(patched).rejects.toThrow()
  })

  it("passes on an empty result", async () => {
    for (const format of [base, binary, { ...base, format: "csv" as const, delimiter: ",", null: "" }]) {
      const out = await session.copyOut(`copy (select 'a'::text where false) to stdout with ${optionsOf(format, "to")}`)
      const { left, seen } = through(new CopyRow(format), out, 1, [])
      expect(seen).toEqual([])
      expect(Buffer.from(left)).toEqual(Buffer.concat(out))
    }
  })
})

describe("CopyRow", () => {
  const row = (format: CopyFormat, payload: string | Uint8Array, width: number): CopyRow | undefined => {
    const made = new CopyRow(format)
    return made.move(wireOf(framed(payload)), columnsOf(width), 0) ? made : undefined
  }
  const csv: CopyFormat = { ...base, format: "csv", delimiter: ",", null: "" }
  const signature = "PGCOPY\n\xff\r\n\0"
  const file = (rest: string, flags = "\0\0\0\0", extension = "\0\0\0\0"): Uint8Array =>
    Buffer.from(signature + flags + extension + rest, "latin1")

  it.each(
    [
      ["no line end", base, "a", 1],
      ["nothing", base, "", 1],
      ["two lines", base, "a\nb\n", 1],
      ["too few values", base, "a\n", 2],
      ["too many values", base, "a\tb\n", 1],
      ["a backslash at the end", base, "a\\\n", 1],
      ["a carriage return", base, "a\rb\n", 1],
      ["two CSV lines", csv, "a\nb\n", 1],
      ["an open quote", csv, "\"a\n", 1],
      ["text after the quote", csv, "\"a\"b\n", 1],
      ["a quote in the middle", csv, "a\"b\"\n", 1],
      ["a lone escape", { ...csv, escape: "\\" }, "\"a\\b\"\n", 1],
      ["a closing quote that is escaped", { ...csv, escape: "\\" }, "\"a\\\"\n", 1],
      ["no value after the delimiter", csv, "a,\n", 1],
      ["no binary header", binary, "\0\x01\0\0\0\0", 1],
      ["a wrong signature", binary, file("\xff\xff").fill(0, 0, 1), 1],
      ["a critical flag", binary, file("\xff\xff", "\0\x01\0\0"), 1],
      ["an extension beyond the message", binary, file("\xff\xff", "\0\0\0\0", "\0\0\0\x05"), 1],
      ["a negative extension", binary, file("\xff\xff", "\0\0\0\0", "\xff\xff\xff\xff"), 1],
      ["another number of values", binary, file("\0\x02\0\0\0\0\0\0\0\0"), 1],
      ["a length of -2", binary, file("\0\x01\xff\xff\xff\xfe"), 1],
      ["a length beyond the message", binary, file("\0\x01\0\0\0\x05a"), 1],
      ["bytes after the row", binary, file("\0\x01\0\0\0\x01ab"), 1],
      ["bytes after the trailer", binary, file("\xff\xffx"), 1]
    ] as const
  )("refuses %s", (_name, format, payload, width) => expect(row(format, payload, width)).toBeUndefined())

  it("refuses a message that is no CopyData, or says another length", () => {
    for (const at of [0, 4]) {
      const message = framed("a\n")
      message[at]!++
      expect(new CopyRow(base).move(wireOf(message), columnsOf(1), 0)).toBe(false)
    }
  })

  it("refuses everything after the trailer", () => {
    const made = new CopyRow(binary)
    expect(made.move(wireOf(framed(file("\xff\xff"))), columnsOf(1), 0)).toBe(true)
    expect(made.part).toBe("trailer")
    expect(made.move(wireOf(framed("\xff\xff")), columnsOf(1), 0)).toBe(false)
  })

  it("reads every backslash sequence of the manual", () => {
    expect(cells(row(base, "\\b\\f\\n\\r\\t\\v\\\\\t\\101\\x41\\x4a1\\q\t\\N\t\\\\N\n", 4)!)).toEqual([
      "\b\f\n\r\t\v\\",
      "AAJ1q",
      null,
      "\\N"
    ])
  })

  it("leaves what was not patched exactly as it came, beside what was", () => {
    const made = row(base, "\\x41\tb\t\\101\n", 3)!
    made.replace(1, Buffer.from("****"))
    expect(Buffer.from(leaving(made)).toString("latin1", 5)).toBe("\\x41\t****\t\\101\n")
  })

  it("keeps the file's header before a first row that it patched", () => {
    const made = row(binary, file("\0\x01\0\0\0\x01a", "\0\0\0\x05", "\0\0\0\x02").subarray(), 1)
    expect(made).toBeUndefined()
    const extended = row(binary, file("xy\0\x01\0\0\0\x01a", "\0\0\0\x05", "\0\0\0\x02"), 1)!
    extended.replace(0, null)
    const out = Buffer.from(leaving(extended)).subarray(5)
    expect(out).toEqual(file("xy\0\x01\xff\xff\xff\xff", "\0\0\0\x05", "\0\0\0\x02"))
  })

  it("M08: never takes for NULL what a caller could have chosen to look like a value", () => {
    const guess = { ...base, null: "123-45-6789" }
    expect(row(guess, "123-45-6789\n", 1)!.isNull(0)).toBe(false)
    expect(row({ ...base, null: "a\\tb" }, "a\\tb\n", 1)!.isNull(0)).toBe(false)
    expect(row({ ...base, null: "" }, "\n", 1)!.isNull(0)).toBe(false)
    expect(row({ ...csv, null: "123-45-6789" }, "\"123-45-6789\"\n", 1)!.isNull(0)).toBe(false)
    expect(row({ ...csv, null: "123-45-6789" }, "123-45-6789\n", 1)!.isNull(0)).toBe(true)
    for (const none of ["\\N", "\\x41", "a\\", "\\\\\\"])
      expect(row({ ...base, null: none }, `a\t${none}\n`, 2)?.isNull(1) ?? true).toBe(true)
  })

  it("gives the last of several patches, and forgets them on the next row", () => {
    const made = row(csv, "a,b\n", 2)!
    made.replace(0, Buffer.from("x"))
    made.replace(0, null)
    expect(made.isNull(0)).toBe(true)
    made.replace(7, Buffer.from("beyond"))
    expect(Buffer.from(leaving(made)).toString("latin1", 5)).toBe(",b\n")
    expect(made.move(wireOf(framed("c,d\n")), columnsOf(2), 0)).toBe(true)
    expect([made.patched, cells(made)]).toEqual([false, ["c", "d"]])
  })

  it("reads back what it writes, for any values in any format", () => {
    fc.assert(
      fc.property(anyFormat, fc.array(cell, { minLength: 1, maxLength: 6 }), (format, values) => {
        fc.pre(format.delimiter !== format.quote)
        const blank = format.format === "binary"
          ? file("\0" + String.fromCharCode(values.length) + "\xff\xff\xff\xff".repeat(values.length))
          : Buffer.from(values.map(() => format.null).join(format.delimiter) + "\n")
        const first = row({ ...format, header: false }, blank, values.length)!
        values.forEach((to, i) => first.replace(i, to === null ? null : Buffer.from(to)))
        expect(cells(first)).toEqual(values)
        const second = new CopyRow({ ...format, header: false })
        expect(second.move(wireOf(leaving(first)), first.columns, 0)).toBe(true)
        expect(cells(second)).toEqual(values.map((to) => shown(to, format)))
      }),
      { numRuns: 3000 }
    )
  })

  it("PG25: survives any bytes, and what it accepts stays within the message", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.constantFrom(...spice, "\n"), { maxLength: 10 }).map((parts) => Buffer.from(parts.join("") + "\n")),
      fc.uint8Array({ maxLength: 20 }).map((rest) => Buffer.concat([file(""), Buffer.from([0, 1]), rest]))
    )
    fc.assert(
      fc.property(anyFormat, bytes, fc.integer({ min: 0, max: 3 }), (format, payload, width) => {
        const made = row(format, payload, width)
        if (made?.part !== "row") return
        cells(made)
        expect(Buffer.from(leaving(made))).toEqual(Buffer.from(framed(payload)))
      }),
      { numRuns: 3000 }
    )
  })
})
