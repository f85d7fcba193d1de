import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { concatBytes, Inbox, type Wire } from "../../../core/bytes/index.ts"
import type { Event } from "../../../core/protocol/index.ts"
import { decodeBind } from "../../../protocols/postgres/messages/bind.ts"
import { decodeCopyResponse } from "../../../protocols/postgres/messages/copy-response.ts"
import { MessageReader } from "../../../protocols/postgres/messages/message-reader.ts"
import { decodeParse } from "../../../protocols/postgres/messages/parse.ts"
import { decodeRowDescription } from "../../../protocols/postgres/messages/row-description.ts"
import { WireReport } from "../../../protocols/postgres/report.ts"
import { client, shapeOf } from "../../fixtures/client-messages.ts"
import { drive } from "../../fixtures/open-relay.ts"
import { FakeSession } from "../../fixtures/session.ts"

const runs = { numRuns: Number(process.env["FUZZ_RUNS"] ?? 1000) }

/** Messages that are nearly right: a type of the protocol, and a body that may be anything. */
const message = fc.tuple(
  fc.constantFrom(..."QPBDECSHXFdcfpTDCIZ1234nstGHWKRSAENvV\0".split("")),
  fc.oneof(
    fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 30 }),
    fc.array(fc.constantFrom(0, 0, 0, 1, 2, 0x53, 0x50, 0x61, 0xff), { maxLength: 24 }),
    fc.constantFrom([0x49], [0x54], [], [0x61, 0], [0, 0, 0, 0, 0], [0, 0])
  )
).map(([type, body]) => client.raw(type, body))
const noise = fc.uint8Array({ maxLength: 60 })
const bytes = fc.array(fc.oneof({ weight: 4, arbitrary: message }, noise), { maxLength: 12 }).map(concatBytes)

const last = (events: ReadonlyArray<Event>): string | undefined => events.at(-1)?._tag

describe("the codec is total", () => {
  it("any bytes from both sides, at any moment: no throw, at most one violation, nothing kept", () => {
    const moments = fc.constantFrom("start", "password", "open", "query", "pipeline", "copyin")
    fc.assert(
      fc.property(moments, bytes, bytes, fc.boolean(), (moment, down, up, first) => {
        const session = new FakeSession()
        if (moment === "password") session.send(client.startup())
        else if (moment !== "start") session.open()
        if (moment === "query") session.codec.receive("downstream", client.query("rows 1"))
        if (moment === "pipeline") session.send(client.parse("", "rows 1"), client.bind("", ""), client.execute(""))
        if (moment === "copyin") session.send(client.query("copyin"))
        drive(session.codec)
        session.codec.receive(first ? "downstream" : "upstream", first ? down : up)
        const events = [...drive(session.codec)]
        session.codec.receive(first ? "upstream" : "downstream", first ? up : down)
        events.push(...drive(session.codec))
        const ended = events.find(({ _tag }) => _tag === "Violation" || _tag === "Goodbye" || _tag === "Cancel")
        if (ended !== undefined && ended._tag !== "Cancel") {
          expect(session.codec.next("upstream")).toBe(ended)
          expect(session.codec.next("downstream")).toBe(ended)
          expect(session.codec.buffered("downstream") + session.codec.buffered("upstream")).toBe(0)
        }
        const told: Array<Uint8Array> = []
        for (let part; (part = session.codec.transmit("downstream")) !== undefined;) told.push(part)
        const framed = concatBytes(told)
        const fatal = moment === "start" ? [] : shapeOf(framed).filter((part) => part === "E:08P01")
        expect(fatal.length).toBeLessThanOrEqual(1)
      }),
      runs
    )
  }, 600_000)

  it("garbage never reaches the other side", () => {
    fc.assert(
      fc.property(noise, (garbage) => {
        const session = new FakeSession()
        session.open()
        session.codec.receive("downstream", concatBytes([Uint8Array.of(0xee), garbage]))
        drive(session.codec)
        const sent = session.codec.transmit("upstream")
        expect(sent === undefined || Buffer.from(sent).equals(client.terminate())).toBe(true)
      }),
      runs
    )
  }, 600_000)

  it("PG27 the events of a session do not depend on where its bytes are cut", () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 9 }), (garbage, size) => {
        const script = [client.query("rows 2;notice"), client.parse("a", "rows 1"), client.bind("", "a"), client.sync()]
        const told = [undefined, size].map((cut) => {
          const session = new FakeSession()
          session.open()
          if (cut !== undefined) {
            session.cut = (whole) =>
              Array.from({ length: Math.ceil(whole.length / cut) }, (_, i) => whole.slice(i * cut, (i + 1) * cut))
          }
          session.send(...script)
          const events = session.events.map(({ _tag }) => _tag)
          const asked = events.filter((tag) => tag === "Login" || tag === "Asked")
          const answered = events.filter((tag) => tag === "Output" || tag === "Settled" || tag === "Ready")
          session.codec.receive("downstream", garbage)
          return { asked, answered, last: last(drive(session.codec)) }
        })
        expect(told[0]).toEqual(told[1])
      }),
      runs
    )
  }, 600_000)
})

describe("messages", () => {
  const text = fc.string({ unit: "binary", maxLength: 12 }).filter((value) =>
    !value.includes("\0") && value.isWellFormed()
  )
  const wireOf = (whole: Uint8Array): Wire => {
    const inbox = new Inbox()
    inbox.push(whole)
    return inbox.take(whole.length)
  }

  it("what Parse and Bind say survives being read and written", () => {
    fc.assert(
      fc.property(text, text, fc.array(text, { maxLength: 4 }), (name, other, values) => {
        const reader = new MessageReader()
        expect(decodeParse(reader.over(wireOf(client.parse(name, other))))).toEqual({ name, text: other, types: [] })
        const bind = decodeBind(reader.over(wireOf(client.bind(name, other, values))))
        expect(bind).toMatchObject({ portal: name, statement: other, formats: [] })
        expect(
          bind?.parameters.map(({ value }) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(value ?? undefined))
        )
          .toEqual(values)
      }),
      runs
    )
  }, 600_000)

  it("reading any bytes as any message neither throws nor reads beyond them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 5, maxLength: 9 }), (body, behind) => {
        const whole = concatBytes([Uint8Array.of(0, 0, 0, 0, 0), body, behind])
        const wire = { chunk: whole, start: 0, end: 5 + body.length }
        const reader = new MessageReader()
        for (const decode of [decodeParse, decodeBind, decodeRowDescription, decodeCopyResponse]) {
          decode(reader.over(wire))
          expect(reader.at).toBeLessThanOrEqual(wire.end)
        }
        WireReport.over("error", wire)
      }),
      runs
    )
  }, 600_000)
})
