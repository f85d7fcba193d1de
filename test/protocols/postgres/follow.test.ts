import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { concatBytes } from "../../../core/bytes/index.ts"
import type { Row, RowRun, Sql, SqlOutput } from "../../../core/family/sql/index.ts"
import type { Alike } from "../../../core/protocol/index.ts"
import { message } from "../../../protocols/postgres/messages/message-builder.ts"
import { client } from "../../fixtures/client-messages.ts"
import { FakeSession } from "../../fixtures/session.ts"

type Show = (output: SqlOutput) => boolean

const description = client.raw("T", [0, 1, 0x61, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0, 4, 0, 0, 0, 0, 0, 0])
const row = (value: number): Uint8Array => client.raw("D", [0, 1, 0, 0, 0, 2, 0x61, value])
const end = concatBytes([client.raw("C", [...new TextEncoder().encode("SELECT 3\0")]), client.raw("Z", [0x49])])
const rows = concatBytes([description, ...Array.from({ length: 9 }, (_, i) => row(0x30 + i)), end])

/** A session that has asked for rows. */
const asking = (): FakeSession["codec"] => {
  const session = new FakeSession()
  session.open()
  const { codec } = session
  codec.receive("downstream", client.query("rows 1"))
  codec.forward(codec.next("downstream")!)
  while (codec.transmit("upstream") !== undefined);
  return codec
}

const leaving = function*(codec: FakeSession["codec"]): Iterable<Uint8Array> {
  for (let part; (part = codec.transmit("downstream")) !== undefined;) yield part.slice()
}

/** Gives `chunks` to a session that has asked, row by row or in runs: what it tells, and what the client is sent. */
const answered = (chunks: ReadonlyArray<Uint8Array>, show: Show, follows: boolean, alike?: Alike<Sql>) => {
  const codec = asking()
  const told: Array<string> = []
  const sent: Array<Uint8Array> = []
  for (const chunk of chunks) {
    codec.receive("upstream", chunk.slice())
    for (let event = codec.next("upstream"); event !== undefined; event = codec.next("upstream")) {
      told.push(event._tag === "Settled" ? `${event._tag} ${JSON.stringify(event.outcome)}` : event._tag)
      if (event._tag === "Violation") return { told, sent: concatBytes(sent) }
      const shown = event._tag === "Output" && event.output.kind === "row" ? event.output : undefined
      if (shown !== undefined) show(shown)
      codec.forward(event)
      if (shown !== undefined && follows) codec.follow!(show, () => alike)
    }
    sent.push(...leaving(codec))
  }
  return { told, sent: concatBytes(sent) }
}

const settledOf = (told: ReadonlyArray<string>): string | undefined => told.find((one) => one.startsWith("Settled"))

/** A result of `columns` columns of text, and its rows as the server sends them. */
const resultOf = (columns: number, values: ReadonlyArray<ReadonlyArray<string | null>>): Uint8Array => {
  message.open(0x54).int16(columns)
  for (let i = 0; i < columns; i++) message.text(`c${i}`).int32(0).int16(0).int32(25).int16(-1).int32(-1).int16(0)
  const parts = [message.taken()]
  for (const row of values) {
    message.open(0x44).int16(columns)
    for (const value of row) {
      message.int32(value === null ? -1 : Buffer.byteLength(value))
      if (value !== null) message.bytes(Buffer.from(value))
    }
    parts.push(message.taken())
  }
  return concatBytes([...parts, end])
}

const textsOf = (rows: RowRun): ReadonlyArray<string | null> =>
  Array.from({ length: rows.count * rows.columns.length }, (_, at) => {
    const [start, size] = [rows.starts[at]!, rows.sizes[at]!]
    return size < 0 ? null : Buffer.from(rows.bytes.subarray(start, start + size)).toString()
  })

const constant = fc.oneof(
  fc.constant(undefined),
  fc.constant(null),
  fc.string({ maxLength: 6 }).map((text) => Buffer.from(text))
)

describe("rows that are treated alike", () => {
  it("leave, and are watched, as if each had been patched by itself", () => {
    const drawn = fc.nat({ max: 4 }).chain((columns) => {
      const cell = fc.option(fc.oneof(fc.string({ maxLength: 90 }), fc.constantFrom("abcd", "efgh")), { nil: null })
      const row = fc.array(cell, { minLength: columns, maxLength: columns })
      return fc.tuple(fc.constant(columns), fc.array(row, { maxLength: 9 }), fc.array(constant, { maxLength: columns }))
    })
    fc.assert(
      fc.property(drawn, fc.array(fc.nat(2000), { maxLength: 4 }), ([columns, values, constants], at) => {
        const bytes = resultOf(columns, values)
        const cuts = [0, ...at.map((one) => one % bytes.length).toSorted((one, other) => one - other), bytes.length]
        const chunks = cuts.slice(1).map((to, i) => bytes.slice(cuts[i], to))
        const patching = (seen: Array<string | null>): Show => (output) => {
          const one = output as Row
          constants.forEach((by, i) => by === undefined || one.isNull(i) ? undefined : one.replace(i, by))
          for (let i = 0; i < columns; i++) seen.push(one.isNull(i) ? null : Buffer.from(one.bytes(i)!).toString())
          return true
        }
        const [ones, many]: [Array<string | null>, Array<string | null>] = [[], []]
        const one = answered(chunks, patching(ones), true)
        const show = (rows: RowRun): boolean => many.push(...textsOf(rows)) >= 0
        const run = answered(chunks, patching(many), true, { constants, show })
        expect(many).toEqual(ones)
        expect(Buffer.from(run.sent).equals(one.sent)).toBe(true)
        expect(run.told).toEqual(one.told)
      })
    )
  })

  it("stay where they may not leave, written anew or not", () => {
    for (const by of ["**", "****"]) {
      const codec = asking()
      codec.receive("upstream", rows.slice())
      codec.forward(codec.next("upstream")!)
      codec.forward(codec.next("upstream")!)
      codec.follow!(() => true, () => ({ constants: [Buffer.from(by)], show: () => false }))
      const sent = [...leaving(codec)]
      expect(Buffer.from(concatBytes(sent)).equals(concatBytes([description, row(0x30)]))).toBe(true)
    }
  })

  it.each<[string, ReadonlyArray<number>]>([
    ["has another number of values", [0, 2, 0, 0, 0, 2, 0x61, 0x62]],
    ["has a value of a length below NULL's", [0, 1, 0xff, 0xff, 0xff, 0xfe]],
    ["has a value that is longer than itself", [0, 1, 0, 0, 0, 9, 0x61, 0x62]],
    ["goes on behind its values", [0, 1, 0, 0, 0, 2, 0x61, 0x62, 0x63]],
    ["ends within a length", [0, 1, 0, 0, 0]]
  ])("end the session where one of them %s", (_how, body) => {
    for (const by of ["**", "****"]) {
      const broken = concatBytes([description, row(0x30), row(0x31), client.raw("D", [...body]), row(0x32)])
      const alike = { constants: [Buffer.from(by)], show: undefined }
      const { sent, told } = answered([broken], () => true, true, alike)
      expect(told.at(-1)).toBe("Violation")
      expect(sent.length).toBeLessThan(broken.length - row(0x32).length)
    }
  })
})

describe("rows that lie ready", () => {
  it("are shown and leave as they do one by one, however they are cut", () => {
    const patched = (seen: Array<string>): Show => (output) => {
      const [one, value] = [output as Row, (output as Row).bytes(0)!]
      seen.push(Buffer.from(value).toString())
      if (value[1]! % 3 === 0) one.replace(0, new TextEncoder().encode(value[1]! % 2 === 0 ? "**" : "*****"))
      return true
    }
    fc.assert(
      fc.property(fc.array(fc.nat(rows.length), { maxLength: 5 }), (at) => {
        const cuts = [0, ...at.toSorted((one, other) => one - other), rows.length]
        const chunks = cuts.slice(1).map((to, i) => rows.slice(cuts[i], to))
        const [ones, many]: [Array<string>, Array<string>] = [[], []]
        const one = answered(chunks, patched(ones), false)
        const run = answered(chunks, patched(many), true)
        expect(many).toEqual(ones)
        expect(ones.length).toBe(9)
        expect(Buffer.from(run.sent).equals(one.sent)).toBe(true)
        expect(settledOf(run.told)).toBe(settledOf(one.told))
      })
    )
  })

  it("are told once for a run", () => {
    expect(answered([rows], () => true, true).told.filter((one) => one === "Output").length).toBe(3)
  })

  it("stay where one of them may not leave, and so does what follows", () => {
    let shown = 0
    const codec = asking()
    codec.receive("upstream", rows.slice())
    codec.forward(codec.next("upstream")!)
    codec.forward(codec.next("upstream")!)
    codec.follow!(() => ++shown < 3)
    expect(shown).toBe(3)
    const sent = codec.transmit("downstream")!
    expect(Buffer.from(sent).equals(concatBytes([description, row(0x30), row(0x31), row(0x32)]))).toBe(true)
  })

  it("end the session where one of them is malformed", () => {
    const broken = concatBytes([description, row(0x30), row(0x31), client.raw("D", [0, 2, 0, 0]), row(0x32)])
    const { told } = answered([broken], () => true, true)
    expect(told.at(-1)).toBe("Violation")
  })
})
