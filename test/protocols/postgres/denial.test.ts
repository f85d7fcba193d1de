import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { concatBytes } from "../../../core/bytes/index.ts"
import { allow, deny } from "../../../core/exchange/index.ts"
import { client, shapeOf } from "../../fixtures/client-messages.ts"
import { FakePostgres } from "../../fixtures/fake-postgres.ts"
import type { Judge } from "../../fixtures/open-relay.ts"
import { FakeSession } from "../../fixtures/session.ts"

/** To the fake server a syntax error, to the gateway a matter of policy: the consequences must be the same. */
const FORBIDDEN = "forbidden"

const judge: Judge = {
  decide: ({ operation }) => operation.text.includes(FORBIDDEN) ? deny("residency", "Not here.") : allow
}

const text = fc.constantFrom(
  "begin",
  "commit",
  "rollback",
  "rows 0",
  "rows 2",
  "rows 4",
  "insert a",
  "insert b",
  "fail",
  "notice",
  "set",
  "notify",
  "copyout 2",
  "",
  FORBIDDEN,
  FORBIDDEN
)
const name = fc.constantFrom("", "x", "y")

const step: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 3, arbitrary: text.map(client.query) },
  fc.tuple(text, text).map(([a, b]) =>
    client.query(a.includes(FORBIDDEN) || b.includes(FORBIDDEN) ? FORBIDDEN : `${a};${b}`)
  ),
  { weight: 3, arbitrary: fc.tuple(name, text).map(([of, what]) => client.parse(of, what)) },
  { weight: 3, arbitrary: fc.tuple(name, name).map(([portal, of]) => client.bind(portal, of)) },
  fc.tuple(fc.constantFrom("statement" as const, "portal" as const), name).map(([of, which]) =>
    client.describe(of, which)
  ),
  { weight: 3, arbitrary: fc.tuple(name, fc.constantFrom(0, 1, 3)).map(([of, rows]) => client.execute(of, rows)) },
  fc.tuple(fc.constantFrom("statement" as const, "portal" as const), name).map(([of, which]) =>
    client.close(of, which)
  ),
  {
    weight: 2,
    arbitrary: fc.tuple(name, text, fc.boolean()).map(([of, what, described]) =>
      concatBytes([
        client.parse(of, what),
        client.bind(of, of),
        ...(described ? [client.describe("portal", of)] : []),
        client.execute(of)
      ])
    )
  },
  { weight: 4, arbitrary: fc.constant(client.sync()) },
  fc.constant(client.flush())
)

const direct = (
  script: ReadonlyArray<Uint8Array>
): { shape: ReadonlyArray<string>; effects: ReadonlyArray<string> } => {
  const server = new FakePostgres()
  server.receive(client.startup())
  server.transmit()
  server.receive(concatBytes(script))
  return { shape: shapeOf(server.transmit()), effects: server.effects }
}

/** The texts that were judged at each Execute that ended well. */
const executed = (session: FakeSession): ReadonlyArray<string> =>
  session.events.flatMap((event) =>
    event._tag === "Settled" && event.exchange.operation.phase === "execute" && event.outcome.result === "completed"
      ? [event.exchange.operation.text]
      : []
  )

/** A denial's own code and length, told apart from the server's syntax error only by these. */
const alike = (shape: ReadonlyArray<string>): ReadonlyArray<string> =>
  shape.map((part) => part === "E:42501" ? "E:42601" : part)

const runs = { numRuns: Number(process.env["FUZZ_RUNS"] ?? 1000) }

/** What is told and done for a script is the server's own, however it is sent, but for the text of a refusal. */
const consequences = (how: Judge) =>
  fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), fc.boolean(), (parts, atOnce) => {
    const script = [...parts, client.sync(), client.query("rows 1")]
    const session = new FakeSession(how)
    session.open()
    const told = atOnce ? [session.send(...script)] : script.map((part) => session.send(part))
    const wanted = direct(script)
    expect(alike(shapeOf(concatBytes(told)))).toEqual(wanted.shape)
    expect(session.server.effects).toEqual(wanted.effects)
    expect(executed(session)).toEqual(session.server.ran)
  })

/** Without refusals, what is told is the server's own to the byte, whatever the chunks. */
const transparency = (how: Judge) =>
  fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 40 }), (parts, size) => {
    const script = [...parts, client.sync(), client.query("rows 1")]
    const session = new FakeSession(how)
    session.open()
    session.cut = (bytes) =>
      Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.slice(i * size, (i + 1) * size))
    const server = new FakePostgres()
    server.receive(client.startup())
    server.transmit()
    server.receive(concatBytes(script))
    expect(Buffer.from(session.send(...script)).toString("latin1"))
      .toBe(Buffer.from(server.transmit()).toString("latin1"))
    expect(session.server.effects).toEqual(server.effects)
  })

describe("a denial has the consequences of the server's own error", () => {
  it("for any script, sent at once or message by message", () => {
    fc.assert(consequences(judge), runs)
  }, 600_000)

  it("PG27 and without denials the client is told the server's own bytes, whatever the chunks", () => {
    fc.assert(transparency({}), runs)
  }, 600_000)

  it("mutant: an answer that is made up instead of refused is caught", () => {
    const operation: Judge["operation"] = ({ operation }) =>
      operation.text.includes(FORBIDDEN) ? { ...operation, text: "rows 0", rewritten: true } : operation
    expect(fc.check(consequences({ operation }), runs).failed).toBe(true)
  })

  it("mutant: one changed byte in one kind of row is caught", () => {
    const transform: Judge["transform"] = (output) => {
      if (output.kind === "row" && output.isNull(1)) output.replace(1, new Uint8Array(0))
    }
    expect(fc.check(transparency({ transform }), runs).failed).toBe(true)
  })
})
