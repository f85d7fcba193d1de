import { describe, expect, it } from "vitest"
import { concatBytes } from "../../../core/bytes/index.ts"
import { allow, deny } from "../../../core/exchange/index.ts"
import type { Statement } from "../../../core/family/sql/index.ts"
import { defaultLimits } from "../../../core/protocol/index.ts"
import { client, shapeOf } from "../../fixtures/client-messages.ts"
import type { Judge } from "../../fixtures/open-relay.ts"
import { FakeSession } from "../../fixtures/session.ts"

const judge: Judge = {
  decide: ({ operation }) => operation.text.includes("forbidden") ? deny("residency", "No.") : allow
}

const opened = (how: Judge = judge): FakeSession => {
  const session = new FakeSession(how)
  session.open()
  return session
}

const asked = (session: FakeSession): ReadonlyArray<string> =>
  session.events.flatMap((event) =>
    event._tag === "Asked" ? [`${event.exchange.asked.phase} ${event.exchange.asked.text}`] : []
  )

const settled = (session: FakeSession): ReadonlyArray<string> =>
  session.events.flatMap((event) => event._tag === "Settled" ? [`${event.exchange.id} ${event.outcome.result}`] : [])

const violated = (bytes: Uint8Array): FakeSession => {
  const session = opened()
  const before = session.server.received.length
  expect(shapeOf(session.send(bytes))).toEqual(["E:08P01"])
  expect(session.events.at(-1)).toMatchObject({ _tag: "Violation", side: "downstream" })
  expect(session.server.received.slice(before)).toEqual(["X5"])
  return session
}

describe("what the client sends", () => {
  it("PG01 impossible lengths end the session before anything is allocated", () => {
    for (const length of [[0, 0, 0, 0], [0, 0, 0, 3], [0x80, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0x40, 0, 0, 0]]) {
      violated(Uint8Array.from([0x51, ...length]))
    }
  })

  it("PG02 counts of Bind and Parse that do not match the body are violations", () => {
    violated(client.raw("P", [0, 0x61, 0, 0, 1]))
    violated(client.raw("P", [0, 0x61, 0, 0xff, 0xff]))
    violated(client.raw("B", [0, 0, 0, 0, 0xff, 0xff, 0, 0]))
    violated(client.raw("B", [0, 0, 0, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
    violated(client.raw("B", [0, 0, 0, 1, 0, 2, 0, 0, 0, 0]))
    violated(client.raw("B", [0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe, 0, 0]))
    violated(client.raw("B", [0, 0, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff, 0, 0]))
  })

  it("PG03 a NUL inside a text, or bytes behind the last field, are violations", () => {
    violated(client.raw("Q", [...new TextEncoder().encode("rows 1\0drop\0")]))
    violated(client.raw("Q", [0x61]))
    violated(client.raw("S", [0]))
    violated(client.raw("E", [0, 0, 0, 0, 0, 0]))
    violated(client.raw("D", [0x53, 0, 0]))
    violated(client.raw("D", [0x58, 0]))
    violated(client.raw("C", [0x50]))
    violated(client.raw("X", [0]))
  })

  it("a text that is not UTF-8 is an error of its own, and the session goes on", () => {
    const session = opened()
    expect(shapeOf(session.send(client.raw("Q", [0xff, 0]), client.query("rows 0")))).toEqual([
      "E:22021",
      "Z:I",
      "T50",
      "C13",
      "Z:I"
    ])
    expect(asked(session)).toEqual(["simple rows 0"])
  })

  it("PG13 a function call is refused and its bytes go nowhere", () => {
    const session = opened()
    expect(shapeOf(session.send(client.raw("F", [0, 0, 3, 0x23]), client.query("rows 0")))[0]).toBe("E:0A000")
    expect(session.server.received).toEqual(["Q19", "Q12"])
  })

  it("PG14 behind a refused Parse everything to Sync is discarded", () => {
    const session = opened()
    const told = session.send(
      client.parse("", "forbidden"),
      client.bind("", ""),
      client.execute(""),
      client.parse("", "insert a"),
      client.bind("", ""),
      client.execute(""),
      client.sync(),
      client.query("rows 0")
    )
    expect(shapeOf(told)).toEqual(["E:42501", "Z:I", "T50", "C13", "Z:I"])
    expect(session.server.effects).toEqual([])
  })

  it("PG15 what is judged at Execute is the text that its portal was bound to", () => {
    const session = opened()
    session.send(client.parse("s", "insert a"), client.bind("p", "s"), client.close("statement", "s"))
    session.send(client.parse("s", "forbidden"), client.sync())
    expect(shapeOf(session.send(client.execute("p"), client.sync()))).toEqual(["E:34000", "Z:I"])
    expect(asked(session)).toEqual(["prepare insert a", "bind insert a", "prepare forbidden"])
    expect(shapeOf(session.send(client.bind("", "s"), client.sync()))).toEqual(["E:26000", "Z:I"])
    expect(asked(session)).toHaveLength(3)
  })

  it("PG15 a name that a refused Parse did not take is not judged by the refused text", () => {
    const session = opened()
    session.send(client.parse("s", "insert a"), client.sync())
    session.send(
      client.parse("s", "rows 1"),
      client.sync(),
      client.bind("", "s"),
      client.execute(""),
      client.sync()
    )
    expect(asked(session).slice(2)).toEqual(["bind insert a", "execute insert a"])
    expect(session.server.ran).toEqual(["insert a"])
  })

  it("PG18 each resumption of a portal is an exchange of its own, its rows described before they come", () => {
    const session = opened()
    session.send(client.parse("", "rows 3"), client.bind("", ""), client.execute("", 1), client.execute("", 1))
    session.send(client.execute(""), client.sync())
    const outputs = session.events.flatMap((event) =>
      event._tag === "Output" ? [`${event.exchange?.id} ${event.output.kind}`] : []
    )
    expect(outputs).toEqual([
      "3 description",
      "3 row",
      "4 description",
      "4 row",
      "5 description",
      "5 row",
      "5 completion"
    ])
  })

  it("PG22 a message that no client sends here is a violation", () => {
    for (const type of ["p", "Z", "R", "w", "\0", "d"]) violated(client.raw(type, [0]))
  })

  it("PG23 keeps no more answers owed than allowed, and does not wait for ever behind that limit", () => {
    const session = new FakeSession({}, { limits: { ...defaultLimits, exchangesInFlightMax: 4 } })
    session.open()
    const pieces = Array.from(
      { length: 50 },
      () => [client.parse("", "rows 1"), client.bind("", ""), client.execute("")]
    )
    const told = shapeOf(session.send(...pieces.flat(), client.sync()))
    expect(told.filter((part) => part === "C13")).toHaveLength(50)
  })

  it("names are limited in number", () => {
    const session = new FakeSession({}, { limits: { ...defaultLimits, statementsMax: 2 } })
    session.open()
    const parses = ["a", "b", "c"].map((name) => client.parse(name, "rows 1"))
    expect(shapeOf(session.send(...parses, client.sync()))).toEqual(["14", "14", "E:54000", "Z:I"])
  })

  it("a Goodbye is passed on", () => {
    const session = opened()
    session.send(client.terminate())
    expect(session.server.gone).toBe(true)
    expect(session.events.at(-1)).toEqual({ _tag: "Goodbye", side: "downstream" })
  })
})

describe("verdicts", () => {
  it("a refusal on an idle session is answered here; inside a transaction the upstream fails for it", () => {
    const session = opened()
    expect(shapeOf(session.send(client.query("forbidden")))).toEqual(["E:42501", "Z:I"])
    expect(session.server.received).toEqual([])
    expect(shapeOf(session.send(client.query("begin"), client.query("forbidden"), client.query("commit")))).toEqual([
      "C10",
      "Z:T",
      "E:42501",
      "Z:E",
      "C13",
      "Z:I"
    ])
    expect(settled(session)).toEqual(["1 denied", "2 completed", "3 denied", "4 completed"])
  })

  it("what the client is told names the code, the detail and the hint", () => {
    const session = opened({
      decide: () => deny("approval_timeout", "Nobody approved.", { detail: "public.people", hint: "Ask again." })
    })
    const text = new TextDecoder().decode(session.send(client.query("rows 1")))
    for (const part of ["C57014", "MNobody approved. (approval_timeout)", "Dpublic.people", "HAsk again."]) {
      expect(text).toContain(part)
    }
    expect(text).toContain("Rsluice_approval_timeout")
  })

  it("what is held while the upstream skips it is never sent, and ends when its verdict comes", () => {
    const session = opened()
    const { codec, server } = session
    codec.receive("downstream", concatBytes([client.parse("", "wrong"), client.parse("x", "insert a")]))
    codec.forward(codec.next("downstream")!)
    const held = codec.next("downstream")!
    expect(codec.next("downstream")).toBeUndefined()
    server.receive(codec.transmit("upstream")!)
    codec.receive("upstream", server.transmit())
    const told = codec.next("upstream")!
    expect(told).toMatchObject({ _tag: "Output", output: { kind: "error" }, exchange: { id: 1 } })
    codec.forward(told)
    expect(codec.next("upstream")).toMatchObject({
      _tag: "Settled",
      exchange: { id: 1 },
      outcome: { result: "failed" }
    })
    expect(codec.next("upstream")).toBeUndefined()
    codec.forward(held)
    expect(codec.transmit("upstream")).toBeUndefined()
    expect(codec.next("upstream")).toMatchObject({ exchange: { id: 2 }, outcome: { result: "abandoned" } })
    expect(shapeOf(session.send(client.bind("", "x"), client.sync(), client.bind("", "x"), client.sync()))).toEqual([
      "E:42601",
      "Z:I",
      "E:26000",
      "Z:I"
    ])
  })

  it("a refusal comes in its turn behind the answers that are owed", () => {
    const session = opened()
    const { codec, server } = session
    codec.receive("downstream", concatBytes([client.query("rows 1"), client.query("forbidden")]))
    codec.forward(codec.next("downstream")!)
    const second = codec.next("downstream")
    if (second?._tag !== "Asked") throw new Error("nothing was asked")
    codec.reject(second.exchange, deny("residency", "No."))
    expect(codec.transmit("downstream")).toBeUndefined()
    for (let part; (part = codec.transmit("upstream")) !== undefined;) server.receive(part)
    codec.receive("upstream", server.transmit())
    expect(shapeOf(session.send(client.query("rows 0")))).toEqual([
      "T50",
      "D20",
      "C13",
      "Z:I",
      "E:42501",
      "Z:I",
      "T50",
      "C13",
      "Z:I"
    ])
  })

  const rewritten = (operation: Statement, text: string): Statement => ({ ...operation, text, rewritten: true })

  it("a rewriting is sent in place of what was asked", () => {
    const session = opened({ operation: ({ operation }) => rewritten(operation, "insert b") })
    session.send(client.query("insert a"))
    session.send(client.parse("", "insert a"), client.bind("", ""), client.execute(""), client.sync())
    expect(session.server.effects).toEqual(["b", "b"])
  })

  it("a rewriting that the protocol cannot carry is a fault, not another statement", () => {
    for (const text of ["rows 1\0drop", "rows \ud800"]) {
      const session = opened({ operation: ({ operation }) => rewritten(operation, text) })
      expect(shapeOf(session.send(client.query("rows 1")))).toEqual(["E:58000", "Z:I"])
      expect(shapeOf(session.send(client.parse("", "rows 1"), client.sync()))).toEqual(["E:58000", "Z:I"])
    }
  })

  it("a verdict that needs another text than was prepared answers 0A000, and never runs the old plan", () => {
    let text = "insert b"
    const session = opened({ operation: ({ operation }) => rewritten(operation, text) })
    session.send(client.parse("s", "insert a"), client.sync())
    text = "insert c"
    expect(shapeOf(session.send(client.bind("", "s"), client.execute(""), client.sync()))).toEqual(["E:0A000", "Z:I"])
    text = "insert b"
    session.send(client.bind("", "s"))
    text = "insert c"
    expect(shapeOf(session.send(client.execute(""), client.sync()))).toEqual(["E:0A000", "Z:I"])
    expect(session.server.effects).toEqual([])
  })

  it("the digest covers text and parameters, whatever the phase", () => {
    const session = opened()
    session.send(client.query("rows 1 $1"))
    session.send(client.parse("", "rows 1 $1"), client.bind("", "", ["x"]), client.execute(""), client.sync())
    session.send(client.bind("", "", ["y"]), client.sync())
    const digests = session.events.flatMap((event) => event._tag === "Asked" ? [event.exchange.asked.digest] : [])
    expect(digests[0]).toBe(digests[1])
    expect(digests[2]).toBe(digests[3])
    expect(new Set(digests).size).toBe(3)
  })
})
