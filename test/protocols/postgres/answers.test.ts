import { describe, expect, it } from "vitest"
import { concatBytes } from "../../../core/bytes/index.ts"
import { allow, deny } from "../../../core/exchange/index.ts"
import type { SqlOutput } from "../../../core/family/sql/index.ts"
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

const settled = (session: FakeSession): ReadonlyArray<string> =>
  session.events.flatMap((event) => event._tag === "Settled" ? [`${event.exchange.id} ${event.outcome.result}`] : [])

describe("answers", () => {
  it("PG26 notices, notifications and settings come to the session among the rows, and can be changed", () => {
    const session = opened({
      transform: (output: SqlOutput) => {
        if (output.kind === "notification") output.payload = "scrubbed"
        if (output.kind === "notice") output.message = "scrubbed too"
      }
    })
    const text = new TextDecoder().decode(session.send(client.query("rows 1;notice;notify;set;rows 1")))
    expect(text).toContain("channel\0scrubbed\0")
    expect(text).toContain("Mscrubbed too\0")
    expect(text).not.toContain("payload")
    expect(text).toContain("application_name\0fake\0")
    const results = session.events.flatMap((event) =>
      event._tag === "Output" && event.output.kind === "row" ? [event.output.result] : []
    )
    expect(results).toEqual([0, 1])
  })

  it("an error is told field by field, and leaves as it was changed", () => {
    const session = opened({
      transform: (output) => {
        if (output.kind === "error") output.message = `fixed text of ${output.sqlstate}`
      }
    })
    expect(new TextDecoder().decode(session.send(client.query("fail")))).toContain("Mfixed text of 22012\0")
    expect(settled(session)).toEqual(["1 failed"])
  })

  it("a patched row is spliced, its neighbours are as they were", () => {
    const star = new TextEncoder().encode("*****")
    const plain = opened({}).send(client.query("rows 3"))
    const session = opened({
      transform: (output) => {
        if (output.kind === "row" && !output.isNull(1)) output.replace(1, star)
      }
    })
    expect(Buffer.from(session.send(client.query("rows 3"))).toString("latin1"))
      .toBe(Buffer.from(plain).toString("latin1").replaceAll(/name\d/g, "*****"))
    session.send(client.query("rows 1"))
  })

  const hostile = (...bytes: ReadonlyArray<Uint8Array>): FakeSession => {
    const session = opened()
    session.codec.receive("downstream", client.query("rows 1"))
    const event = session.codec.next("downstream")!
    session.codec.forward(event)
    session.codec.receive("upstream", concatBytes(bytes))
    for (let next; (next = session.codec.next("upstream")) !== undefined;) {
      session.events.push(next)
      if (next._tag === "Violation") break
      session.codec.forward(next)
    }
    return session
  }
  const description = client.raw("T", [0, 1, 0x61, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0, 4, 0, 0, 0, 0, 0, 0])

  it("PG25 malformed or misplaced answers end the session with a clean error", () => {
    const answers: ReadonlyArray<ReadonlyArray<Uint8Array>> = [
      [client.raw("D", [0, 0])],
      [description, client.raw("D", [0, 2, 0, 0, 0, 0, 0, 0, 0, 0])],
      [description, client.raw("D", [0, 1, 0xff, 0xff, 0xff, 0xfe])],
      [description, client.raw("D", [0, 1, 0x7f, 0xff, 0xff, 0xff])],
      [description, client.raw("D", [0, 1, 0, 0, 0, 1, 0x61, 0x62])],
      [description, client.raw("D", [])],
      [description, description],
      [client.raw("T", [0, 2, 0x61, 0])],
      [client.raw("T", [0xff, 0xff])],
      [client.raw("C", [0x61])],
      [client.raw("Z", [0x58])],
      [client.raw("Z", [])],
      [client.raw("1", [])],
      [client.raw("s", [])],
      [client.raw("n", [])],
      [client.raw("d", [0x61])],
      [client.raw("W", [0, 0, 0])],
      [client.raw("R", [0, 0, 0, 0])],
      [client.raw("V", [0, 0, 0, 0])],
      [client.raw("E", [0x53])],
      [client.raw("S", [...new TextEncoder().encode("client_encoding\0LATIN1\0")])],
      [Uint8Array.of(0x44, 0x7f, 0xff, 0xff, 0xff)]
    ]
    for (const answer of answers) {
      const session = hostile(...answer)
      expect(session.events.at(-1), String(answer[answer.length - 1])).toMatchObject({
        _tag: "Violation",
        side: "upstream"
      })
      const told: Array<Uint8Array> = []
      for (let part; (part = session.codec.transmit("downstream")) !== undefined;) told.push(part)
      expect(shapeOf(concatBytes(told)).at(-1)).toBe("E:08006")
    }
  })

  it("PG25 an error without a SQLSTATE is completed", () => {
    const session = hostile(client.raw("E", [...new TextEncoder().encode("Mboom\0\0")]))
    expect(session.events.at(-1)).toMatchObject({ output: { sqlstate: "XX000", message: "boom", severity: "ERROR" } })
    expect(new TextDecoder().decode(session.codec.transmit("downstream"))).toContain("CXX000")
  })

  it("an answer that nobody asked for is a violation; a farewell of the server is not", () => {
    const idle = opened()
    idle.codec.receive("upstream", description)
    expect(idle.codec.next("upstream")).toMatchObject({ _tag: "Violation", side: "upstream", code: "unasked" })
    const leaving = opened()
    const fatal = client.raw("E", [...new TextEncoder().encode("SFATAL\0VFATAL\0C57P01\0Mbye\0\0")])
    leaving.codec.receive("upstream", fatal)
    const event = leaving.codec.next("upstream")!
    expect(event).toMatchObject({ _tag: "Output", output: { kind: "error", sqlstate: "57P01" } })
    leaving.codec.forward(event)
    leaving.codec.end("upstream")
    expect(leaving.codec.next("upstream")).toEqual({ _tag: "Goodbye", side: "upstream" })
    expect(leaving.codec.transmit("downstream")).toEqual(fatal)
    expect(leaving.codec.transmit("downstream")).toBeUndefined()
  })

  it("an upstream that is lost is told to the client", () => {
    const session = opened()
    session.codec.end("upstream")
    expect(session.codec.next("upstream")).toEqual({ _tag: "Goodbye", side: "upstream" })
    expect(shapeOf(session.codec.transmit("downstream")!)).toEqual(["E:08006"])
  })

  it("PG10 there is something to cancel only while something runs", () => {
    const session = opened()
    expect(session.codec.cancellation()).toBeUndefined()
    session.codec.receive("downstream", client.query("rows 1"))
    const event = session.codec.next("downstream")!
    expect(session.codec.cancellation()).toBeUndefined()
    session.codec.forward(event)
    expect(session.codec.cancellation()?.request).toEqual(
      Uint8Array.of(0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 7, 0, 0, 0, 42)
    )
  })

  it("closing tells the client why, once, and leaves the upstream in good order", () => {
    const session = opened()
    session.codec.close(deny("idle", "Nothing was asked for an hour."))
    session.codec.close(deny("shutdown", "Again."))
    expect(shapeOf(session.codec.transmit("downstream")!)).toEqual(["E:57P05"])
    expect(session.codec.transmit("downstream")).toBeUndefined()
    expect(shapeOf(session.codec.transmit("upstream")!)).toEqual(shapeOf(client.terminate()))
    expect(session.codec.next("downstream")).toEqual({ _tag: "Goodbye", side: "downstream" })
  })
})
