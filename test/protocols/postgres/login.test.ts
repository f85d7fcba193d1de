import { describe, expect, it } from "vitest"
import { concatBytes } from "../../../core/bytes/index.ts"
import { deny } from "../../../core/exchange/index.ts"
import type { Sql } from "../../../core/family/sql/index.ts"
import type { Codec, CodecContext, Event } from "../../../core/protocol/index.ts"
import { postgresCodec } from "../../../protocols/postgres/index.ts"
import { message } from "../../../protocols/postgres/messages/message-builder.ts"
import { client, shapeOf } from "../../fixtures/client-messages.ts"
import { contextOf, trusted } from "../../fixtures/open-relay.ts"
import { config, FakeSession } from "../../fixtures/session.ts"

const SSL = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47)
const GSS = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 48)
const tls = { downstream: "required", upstream: "off" } as const

const open = (context: Partial<CodecContext> = {}): Codec<Sql> => postgresCodec(config)(contextOf(context))

const sent = (codec: Codec<Sql>, side: "downstream" | "upstream" = "downstream"): Uint8Array => {
  const parts: Array<Uint8Array> = []
  for (let part; (part = codec.transmit(side)) !== undefined;) parts.push(part)
  return concatBytes(parts)
}

const after = (codec: Codec<Sql>, ...bytes: ReadonlyArray<Uint8Array>): Event<Sql> | undefined => {
  codec.receive("downstream", concatBytes(bytes))
  return codec.next("downstream")
}

const startup = (version: number, pairs: ReadonlyArray<string>, end = [0]): Uint8Array => {
  message.open(undefined).int32(version)
  for (const text of pairs) message.text(text)
  return message.bytes(Uint8Array.from(end)).taken()
}

const V3 = 0x30000

describe("startup packets", () => {
  it("PG01 a length below eight or beyond 10,000 is refused before anything is allocated", () => {
    for (const length of [[0, 0, 0, 0], [0, 0, 0, 7], [0, 0, 39, 17], [127, 255, 255, 255], [255, 255, 255, 255]]) {
      const codec = open()
      expect(after(codec, Uint8Array.from(length))).toMatchObject({
        _tag: "Violation",
        side: "downstream",
        code: "length"
      })
      expect(shapeOf(sent(codec))).toEqual(["E:08P01"])
    }
  })

  it("PG04 malformed pairs are refused: no final NUL, an odd text, a name twice, something behind the end", () => {
    const packets = [
      startup(V3, ["user", "ada"], []),
      startup(V3, ["user"]),
      startup(V3, ["user", "ada", "user", "eve"]),
      startup(V3, ["user", "ada"], [0, 0]),
      startup(V3, ["user", "ada"], [0, 65, 0, 66, 0, 0]),
      startup(V3, [], []),
      startup(V3, ["user", "ada"], [0xff, 0, 65, 0, 0])
    ]
    for (const packet of packets) {
      const codec = open()
      expect(after(codec, packet)).toMatchObject({ _tag: "Violation", code: "startup" })
      expect(shapeOf(sent(codec))).toEqual(["E:08P01"])
    }
  })

  it("PG05 plaintext behind a request for TLS is never parsed", () => {
    const codec = open({ tls })
    expect(after(codec, SSL, client.startup())).toMatchObject({ _tag: "Violation", code: "unencrypted_data" })
    expect(shapeOf(sent(codec))).toEqual(["E:08P01"])
    const gss = open({ tls })
    expect(after(gss, GSS, client.startup())).toMatchObject({ _tag: "Violation", code: "unencrypted_data" })
  })

  it("PG06 GSSENCRequest and SSLRequest are answered once each", () => {
    const codec = open()
    expect(after(codec, GSS)).toBeUndefined()
    expect(after(codec, SSL)).toBeUndefined()
    expect(sent(codec)).toEqual(Uint8Array.of(0x4e, 0x4e))
    expect(after(codec, SSL)).toMatchObject({ _tag: "Violation", code: "negotiation" })
    const twice = open()
    after(twice, GSS)
    expect(after(twice, GSS)).toMatchObject({ _tag: "Violation", code: "negotiation" })
  })

  it("takes TLS and then wants no more of it", () => {
    const codec = open({ tls })
    expect(after(codec, SSL)).toEqual({ _tag: "Upgrade", side: "downstream", to: "tls" })
    expect(sent(codec)).toEqual(Uint8Array.of(0x53))
    codec.secured("downstream", { alpn: undefined, certificate: undefined })
    expect(after(codec, client.startup())).toBeUndefined()
    expect(shapeOf(sent(codec))).toEqual(["R8"])
    const again = open({ tls })
    after(again, SSL)
    again.secured("downstream", { alpn: "postgresql", certificate: undefined })
    expect(after(again, SSL)).toMatchObject({ code: "negotiation" })
  })

  it("PG09 TLS that is opened directly must name postgresql, and never another protocol", () => {
    const hello = Uint8Array.of(0x16, 3, 1, 0, 200, 1)
    for (const [alpn, taken] of [["postgresql", true], [undefined, false], ["http/1.1", false]] as const) {
      const codec = open({ tls })
      expect(after(codec, hello)).toEqual({ _tag: "Upgrade", side: "downstream", to: "tls", unread: hello })
      codec.secured("downstream", { alpn, certificate: undefined })
      if (taken) expect(codec.next("downstream")).toBeUndefined()
      else expect(codec.next("downstream")).toMatchObject({ _tag: "Violation", code: "alpn" })
    }
    const asked = open({ tls })
    after(asked, SSL)
    asked.secured("downstream", { alpn: "h2", certificate: undefined })
    expect(asked.next("downstream")).toMatchObject({ code: "alpn" })
    expect(after(open(), hello)).toMatchObject({ code: "unexpected_tls" })
  })

  it("PG10 a cancel in clear is ignored where TLS is required; elsewhere it is an event and no more", () => {
    const request = message.open(undefined).int32(80877102).bytes(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)).taken()
    const refused = open({ tls })
    expect(after(refused, request)).toEqual({ _tag: "Goodbye", side: "downstream" })
    expect(sent(refused)).toHaveLength(0)
    expect(after(open(), request)).toEqual({ _tag: "Cancel", key: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) })
    const short = message.open(undefined).int32(80877102).bytes(Uint8Array.of(1, 2, 3, 4)).taken()
    expect(after(open(), short)).toMatchObject({ _tag: "Violation", code: "length" })
  })

  it("PG11 settings outside the list are refused by name, in options too", () => {
    const refused: ReadonlyArray<readonly [string, string]> = [
      ["search_path", "evil"],
      ["session_authorization", "postgres"],
      ["role", "postgres"],
      ["options", "-c search_path=evil"],
      ["options", "--session-authorization=postgres"],
      ["options", "-csearch_path=x"],
      ["options", "-d 5"],
      ["options", "-c geqo"],
      ["client_encoding", "LATIN1"],
      ["standard_conforming_strings", "off"],
      ["SEARCH_PATH", "x"],
      ["timezone", "Canary/Eins"],
      ["timezone", "Europe/Berlin\nx"],
      ["datestyle", "ISO, a text"],
      ["statement_timeout", "5 sheep"],
      ["extra_float_digits", "123456"],
      ["jit", "maybe"],
      ["intervalstyle", "anything"],
      ["options", "-c lock_timeout=12345678901"]
    ]
    for (const [name, value] of refused) {
      const codec = open()
      const event = after(codec, client.startup({ user: "ada", [name]: value }))
      expect(event, `${name}=${value}`).toMatchObject({ _tag: "Violation", code: "startup_parameter" })
      expect(shapeOf(sent(codec))[0]).toMatch(/^E:(42501|0A000)$/)
    }
    const taken = new FakeSession()
    taken.send(
      client.startup({ user: "ada", options: "-c statement_timeout=5s --lock-timeout=1\\ s", TimeZone: "UTC" })
    )
    taken.send(client.password("secret"))
    expect(taken.events[0]).toMatchObject({
      _tag: "Login",
      login: { settings: new Map([["statement_timeout", "5s"], ["lock_timeout", "1 s"], ["timezone", "UTC"]]) }
    })
  })

  it("takes the settings that drivers send", () => {
    const usual: ReadonlyArray<readonly [string, string]> = [
      ["timezone", "Europe/Berlin"],
      ["TimeZone", "US/Eastern"],
      ["timezone", "GMT+02:00"],
      ["datestyle", "ISO"],
      ["DateStyle", "ISO, MDY"],
      ["extra_float_digits", "2"],
      ["extra_float_digits", "-15"],
      ["statement_timeout", "30000"],
      ["intervalstyle", "iso_8601"],
      ["bytea_output", "hex"],
      ["jit", "off"],
      ["client_min_messages", "warning"],
      ["application_name", "psql"]
    ]
    for (const [name, value] of usual) {
      const session = new FakeSession()
      session.send(client.startup({ user: "ada", [name]: value }))
      session.send(client.password("secret"))
      const forwarded = name === "application_name" ? [] : [name.toLowerCase()]
      expect(session.events[0], `${name}=${value}`).toMatchObject({ _tag: "Login", login: { forwarded } })
    }
  })

  it("PG12 replication is refused at startup", () => {
    for (const replication of ["true", "database", "on"]) {
      const codec = open()
      expect(after(codec, client.startup({ user: "ada", replication }))).toMatchObject({ _tag: "Violation" })
      expect(shapeOf(sent(codec))).toEqual(["E:0A000"])
    }
  })

  it("PG28 protocol 2 is refused; a newer minor is negotiated down; 3.2 has long keys", () => {
    const old = open()
    expect(after(old, startup(0x20000, []))).toMatchObject({ _tag: "Violation", code: "protocol_version" })
    expect(shapeOf(sent(old))).toEqual(["E:0A000"])
    const newer = open()
    after(newer, startup(V3 | 99, ["user", "ada", "_pq_.foo", "1"]))
    expect(shapeOf(sent(newer))).toEqual(["v21", "R8"])
    const long = new FakeSession()
    long.send(startup(V3 | 2, ["user", "ada"]))
    expect(shapeOf(long.send(client.password("x")))).toEqual(["R8", "S24", "K40", "Z:I"])
    expect(long.codec.cancelKey).toHaveLength(36)
    const short = new FakeSession()
    expect(shapeOf(short.open()).slice(1)).toEqual(["R8", "S24", "K12", "Z:I"])
    expect(short.codec.cancelKey).toHaveLength(8)
  })

  it("PG29 names of more than 63 bytes are refused, not cut", () => {
    for (const pairs of [{ user: "a".repeat(64) }, { user: "ada", database: "é".repeat(32) }]) {
      const codec = open()
      expect(after(codec, client.startup(pairs))).toMatchObject({ _tag: "Violation" })
      expect(shapeOf(sent(codec))).toEqual(["E:28000"])
    }
    expect(after(open(), client.startup({ user: "a".repeat(63) }), client.password("x"))).toMatchObject({
      _tag: "Login"
    })
  })

  it("plaintext is refused in words where TLS is required", () => {
    const codec = open({ tls })
    expect(after(codec, client.startup())).toMatchObject({ _tag: "Violation", code: "tls_required" })
    expect(shapeOf(sent(codec))).toEqual(["E:28000"])
  })
})

describe("the password", () => {
  it("PG22 I27 anything else in its place is a violation", () => {
    expect(after(open(), client.startup(), client.query("rows 1"))).toMatchObject({ code: "unexpected_message" })
    const session = new FakeSession()
    session.open()
    expect(shapeOf(session.send(client.password("again")))).toEqual(["E:08P01"])
  })

  it("PG23 I27 what stands behind it is not read before the login is judged and the upstream is open", () => {
    const codec = open()
    const event = after(codec, client.startup(), client.password("x"), client.query("insert a"))
    expect(event).toMatchObject({ _tag: "Login" })
    expect(codec.next("downstream")).toBeUndefined()
    expect(codec.buffered("downstream")).toBe(client.query("insert a").length)
    if (event?._tag !== "Login") throw new Error("no login")
    codec.admit(event.login, trusted)
    expect(codec.next("downstream")).toBeUndefined()
    expect(new TextDecoder().decode(sent(codec, "upstream"))).not.toContain("insert")
  })

  it("tells a token from a password, and hands over its bytes", () => {
    expect(after(open(), client.startup(), client.password("aa.bb-_.cc"))).toMatchObject({ login: { method: "token" } })
    expect(after(open(), client.startup(), client.password("a.b.c!"))).toMatchObject({ login: { method: "password" } })
    const long = `${"a".repeat(30_000)}.${"b".repeat(30_000)}.c`
    expect(after(open(), client.startup(), client.password(long))).toMatchObject({
      login: { method: "token", secret: new TextEncoder().encode(long) }
    })
    expect(after(open(), client.startup(), client.password("a".repeat(70_000)))).toMatchObject({ code: "length" })
  })

  it("a refused login is FATAL in words that fit, and the upstream is not opened", () => {
    for (const [code, state] of [["identity", "28P01"], ["ledger", "57P03"], ["tls_required", "28000"]] as const) {
      const session = new FakeSession({ login: deny(code, "You may not come in.", { hint: "Ask." }) })
      expect(shapeOf(session.open())).toEqual(["R8", `E:${state}`])
      expect(session.server.received).toEqual([])
    }
  })
})

describe("the upstream's login", () => {
  const opened = (context: Partial<CodecContext>): Codec<Sql> => {
    const codec = open(context)
    const event = after(codec, client.startup(), client.password("x"))
    if (event?._tag !== "Login") throw new Error("no login")
    codec.admit(event.login, trusted)
    sent(codec)
    return codec
  }
  const answer = (codec: Codec<Sql>, ...bytes: ReadonlyArray<Uint8Array>): Event<Sql> | undefined => {
    codec.receive("upstream", concatBytes(bytes))
    return codec.next("upstream")
  }
  const secret = "canary-of-the-upstream"
  const error = (sqlstate: string): Uint8Array =>
    client.raw("E", [...new TextEncoder().encode(`SFATAL\0VFATAL\0C${sqlstate}\0M${secret}\0\0`)])

  it("PG07 TLS there begins with exactly one byte S; nothing else said before it reaches the client", () => {
    const required = { tls: { downstream: "off", upstream: "required" } } as const
    for (const bytes of [Uint8Array.of(0x4e), Uint8Array.of(0x53, 0x53), error("28000")]) {
      const codec = opened(required)
      expect(sent(codec, "upstream")).toEqual(SSL)
      expect(answer(codec, bytes)).toMatchObject({ _tag: "Violation", side: "upstream" })
      const told = sent(codec)
      expect(shapeOf(told)).toEqual(["E:08006"])
      expect(new TextDecoder().decode(told)).not.toContain(secret)
    }
    const codec = opened(required)
    sent(codec, "upstream")
    expect(answer(codec, Uint8Array.of(0x53))).toEqual({ _tag: "Upgrade", side: "upstream", to: "tls" })
    expect(answer(codec, Uint8Array.of(0x52))).toMatchObject({ code: "unencrypted_data" })
  })

  it("errors there keep their SQLSTATE where it helps, and never their text", () => {
    for (
      const [theirs, ours] of [["3D000", "3D000"], ["28P01", "08006"], ["53300", "53300"], ["XX000", "08006"]] as const
    ) {
      const codec = opened({})
      sent(codec, "upstream")
      expect(answer(codec, error(theirs))).toMatchObject({ _tag: "Violation", code: "upstream_login" })
      const told = sent(codec)
      expect(shapeOf(told)).toEqual([`E:${ours}`])
      expect(new TextDecoder().decode(told)).not.toContain(secret)
    }
  })

  it("PG24 malformed SCRAM from the upstream ends the session cleanly", () => {
    const bodies = [
      [0, 0, 0, 10],
      [0, 0, 0, 10, 65, 0, 0],
      [0, 0, 0, 11, 114, 61],
      [0, 0, 0, 12],
      [0, 0, 0, 7],
      [1],
      []
    ]
    for (const body of bodies) {
      const codec = opened({})
      expect(answer(codec, client.raw("R", body))).toMatchObject({ _tag: "Violation", side: "upstream" })
      expect(shapeOf(sent(codec))).toEqual(["E:08006"])
    }
  })

  it("PG25 a greeting that does not end is cut off", () => {
    const codec = opened({})
    const ok = client.raw("R", [0, 0, 0, 0])
    const status = client.raw("S", [...new TextEncoder().encode(`x\0${"y".repeat(1000)}\0`)])
    expect(answer(codec, ok, ...Array.from({ length: 100 }, () => status))).toMatchObject({ code: "greeting" })
    expect(shapeOf(sent(codec))).toEqual(["E:08006"])
  })

  it("pins what the analysis relies on, over what the client asked for", () => {
    const codec = open()
    const event = after(
      codec,
      client.startup({ user: "ada", datestyle: "ISO", application_name: "x" }),
      client.password("x")
    )
    if (event?._tag !== "Login") throw new Error("no login")
    codec.admit(event.login, { ...trusted, settings: new Map([["search_path", "public"], ["datestyle", "SQL"]]) })
    const pairs = new TextDecoder().decode(sent(codec, "upstream").subarray(8)).split("\0")
    expect(pairs).toEqual([
      "user",
      "postgres",
      "database",
      "postgres",
      "datestyle",
      "SQL",
      "application_name",
      "x",
      "search_path",
      "public",
      "client_encoding",
      "UTF8",
      "standard_conforming_strings",
      "on",
      "",
      ""
    ])
  })
})
