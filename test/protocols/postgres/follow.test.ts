import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { concatBytes } from "../../../core/bytes/index.ts"
import type { Row, SqlOutput } from "../../../core/family/sql/index.ts"
import { client } from "../../fixtures/client-messages.ts"
import { FakeSession } from "../../fixtures/session.ts"

type Show = (output: SqlOutput) => boolean

const description = client.raw("T", [0, 1, 0x61, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0, 4, 0, 0, 0, 0, 0, 0])
const row = (value: number): Uint8Array => client.raw("D", [0, 1, 0, 0, 0, 2, 0x61, value])
const end = concatBytes([client.raw("C", [...new TextEncoder().encode("SELECT 3\0")]), client.raw("Z", [0x49])])
const rows = concatBytes([description, ...Array.from({ length: 9 }, (_, i) => row(0x30 + i)), end])

/** Gives `chunks` to a session that has asked, row by row or in runs: what it tells, and what the client is sent. */
const answered = (chunks: ReadonlyArray<Uint8Array>, show: Show, follows: boolean) => {
  const session = new FakeSession()
  session.open()
  const { codec } = session
  codec.receive("downstream", client.query("rows 1"))
  codec.forward(codec.next("downstream")!)
  while (codec.transmit("upstream") !== undefined);
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
      if (shown !== undefined && follows) codec.follow!(show)
    }
    for (let part; (part = codec.transmit("downstream")) !== undefined;) sent.push(part.slice())
  }
  return { told, sent: concatBytes(sent) }
}

const settledOf = (told: ReadonlyArray<string>): string | undefined => told.find((one) => one.startsWith("Settled"))

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
    const session = new FakeSession()
    session.open()
    const { codec } = session
    codec.receive("downstream", client.query("rows 1"))
    codec.forward(codec.next("downstream")!)
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
