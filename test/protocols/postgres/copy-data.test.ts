import { describe, expect, it } from "vitest"
import { allow, deny } from "../../../core/exchange/index.ts"
import type { CopyFormat, Statement } from "../../../core/family/sql/index.ts"
import { client, shapeOf } from "../../fixtures/client-messages.ts"
import type { Judge } from "../../fixtures/open-relay.ts"
import { FakeSession } from "../../fixtures/session.ts"

const opened = (judge: Judge = {}): FakeSession => {
  const session = new FakeSession(judge)
  session.open()
  return session
}

const { query, copyData, copyDone, copyFail, sync } = client
const extended = [client.parse("", "copyin"), client.bind("", ""), client.execute("")]

const text: CopyFormat = { format: "text", delimiter: "\t", null: "\\N", quote: "\"", escape: "\"", header: false }
const shaped = (operation: Statement, columns: ReadonlyArray<string>): Statement => ({
  ...operation,
  text: operation.text,
  results: [{ columns: columns.map((name) => ({ name, how: "copy", sources: [] })), copy: text }]
})

describe("COPY FROM STDIN", () => {
  it("each piece is an Input of the exchange that asked, and the next query is its own", () => {
    const session = opened()
    expect(shapeOf(session.send(query("copyin")))).toEqual(["G9"])
    expect(shapeOf(session.send(copyData("one"), copyData("two"), copyDone()))).toEqual(["C11", "Z:I"])
    expect(session.server.effects).toEqual(["one", "two"])
    const inputs = session.events.flatMap((event) => event._tag === "Input" ? [event.exchange.id] : [])
    expect(inputs).toEqual([1, 1])
  })

  it("PG21 data that looks like messages is data", () => {
    const session = opened()
    session.send(query("copyin"))
    const trap = `Q\0\0\0\rinsert x\0\\.\n`
    session.send(copyData(trap), copyDone())
    expect(session.server.effects).toEqual([trap])
    expect(session.events.filter((event) => event._tag === "Asked")).toHaveLength(1)
  })

  it("PG21 sent ahead of the answer it waits; after an error amid it, it is discarded", () => {
    const session = opened()
    expect(shapeOf(session.send(query("copyin"), copyData("one"), copyDone()))).toEqual(["G9", "C11", "Z:I"])
    expect(shapeOf(session.send(query("copyin"), copyData("bad"), copyData("late"), copyDone(), query("rows 0"))))
      .toEqual(["G9", "E:22P04", "Z:I", "T50", "C13", "Z:I"])
    expect(session.server.effects).toEqual(["one"])
  })

  it("PG21 in the extended protocol too, up to Sync; the Sync inside is ignored as the server does", () => {
    const session = opened()
    expect(shapeOf(session.send(...extended, sync()))).toEqual(["14", "24", "G9"])
    expect(shapeOf(session.send(copyData("one"), copyDone(), sync()))).toEqual(["C11", "Z:I"])
    expect(shapeOf(session.send(...extended))).toEqual(["14", "24", "G9"])
    expect(shapeOf(session.send(copyData("bad"), copyData("late"), copyDone(), sync(), query("rows 0")))).toEqual([
      "E:22P04",
      "Z:I",
      "T50",
      "C13",
      "Z:I"
    ])
    expect(session.server.effects).toEqual(["one"])
  })

  it("PG21 CopyFail fails it, and any other message inside it is a violation", () => {
    const session = opened()
    expect(shapeOf(session.send(query("copyin"), copyData("one"), copyFail("no")))).toEqual(["G9", "E:57014", "Z:I"])
    expect(session.server.effects).toEqual([])
    session.send(query("copyin"))
    expect(shapeOf(session.send(query("insert a")))).toEqual(["E:08P01"])
    const piped = opened()
    expect(shapeOf(piped.send(query("copyin;rows 1"), copyData("x"), copyDone()))).toContain("C13")
  })

  it("an Input that is refused fails the whole COPY, in the refusal's words", () => {
    for (const [ask, end] of [[[query("copyin")], []], [extended, [sync()]]] as const) {
      const session = opened()
      session.send(...ask)
      session.codec.receive("downstream", copyData("one"))
      const first = session.codec.next("downstream")!
      session.codec.forward(first)
      session.codec.receive("downstream", copyData("secret"))
      const event = session.codec.next("downstream")
      if (event?._tag !== "Input") throw new Error("no input")
      session.codec.reject(event.exchange, deny("clearance", "Not this."))
      expect(shapeOf(session.send(copyData("late"), copyDone(), ...end))).toEqual(["E:42501", "Z:I"])
      expect(session.server.effects).toEqual([])
      expect(session.events).toContainEqual(
        expect.objectContaining({ _tag: "Settled", outcome: expect.objectContaining({ result: "denied" }) })
      )
      expect(shapeOf(session.send(query("rows 0")))).toEqual(["T50", "C13", "Z:I"])
    }
  })

  it("a second end of a COPY is waited out even where the server holds its answers back", () => {
    const session = opened()
    session.send(...extended)
    expect(shapeOf(session.send(copyData("one"), copyDone(), copyFail("stray"), sync()))).toEqual(["C11", "Z:I"])
    expect(session.server.received).toContain("H5")
  })

  it("CopyData outside a COPY is a violation; an end of one that there is none of is nothing", () => {
    expect(shapeOf(opened().send(copyData("x")))).toEqual(["E:08P01"])
    expect(shapeOf(opened().send(copyDone(), copyFail("x"), query("rows 0")))).toEqual(["T50", "C13", "Z:I"])
  })
})

describe("COPY TO STDOUT", () => {
  it("PG20 rows of a known format can be patched by column", () => {
    const session = opened({
      decide: () => allow,
      operation: ({ operation }) => shaped(operation, ["id", "name"]),
      transform: (output) => {
        if (output.kind === "row") output.replace(1, new TextEncoder().encode("***"))
      }
    })
    const told = new TextDecoder().decode(session.send(query("copyout 2")))
    expect(told).toContain("0\t***\n")
    expect(told).toContain("1\t***\n")
    expect(told).not.toContain("name")
    const described = session.events.flatMap((event) =>
      event._tag === "Output" && event.output.kind === "description" ? event.output.columns.map(({ name }) => name) : []
    )
    expect(described).toEqual(["id", "name"])
  })

  it("PG20 a row that is not of the format that was asked for never leaves", () => {
    const session = opened({
      operation: ({ operation }) => ({
        ...shaped(operation, []),
        results: [
          { columns: [], copy: { ...text, delimiter: "0" } }
        ]
      })
    })
    expect(shapeOf(session.send(query("copyout 1"))).at(-1)).toBe("E:08006")
  })

  it("without a known format each piece is one opaque value", () => {
    const session = opened()
    expect(shapeOf(session.send(query("copyout 2")))).toEqual(["H11", "d12", "d12", "c4", "C11", "Z:I"])
    const rows = session.events.filter((event) => event._tag === "Output" && event.output.kind === "row")
    expect(rows).toHaveLength(2)
  })
})
