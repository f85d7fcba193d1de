import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Event } from "../../../core/protocol/index.ts"
import { message } from "../../../protocols/postgres/messages/message-builder.ts"
import { isGivingUp, readBearerResponse } from "../../../protocols/postgres/oauth-bearer.ts"
import { postgres } from "../../../protocols/postgres/index.ts"
import * as Schema from "effect/Schema"
import { defaultLimits } from "../../../core/protocol/index.ts"

const body = (data: string, mechanism = "OAUTHBEARER", length = data.length): Buffer => {
  const head = Buffer.alloc(4)
  head.writeInt32BE(length)
  return Buffer.concat([Buffer.from(`${mechanism}\0`), head, Buffer.from(data, "latin1")])
}

describe("a SASL response of OAUTHBEARER", () => {
  it("hands over its token, whatever else it says of host and port", () => {
    const read = readBearerResponse(body("n,,\u0001host=db\u0001port=5432\u0001auth=Bearer a.b-c~d+/e==\u0001\u0001"))
    expect(read).toEqual({ _tag: "Token", token: Buffer.from("a.b-c~d+/e==") })
  })

  it("asks where a token can be had", () => {
    expect(readBearerResponse(body("y,,\u0001auth=\u0001\u0001"))).toEqual({ _tag: "Discovery" })
  })

  it.each([
    ["another mechanism", body("n,,\u0001auth=Bearer x\u0001\u0001", "SCRAM-SHA-256")],
    ["a bound channel", body("p=tls-exporter,,\u0001auth=Bearer x\u0001\u0001")],
    ["an identity of its own", body("n,a=root,\u0001auth=Bearer x\u0001\u0001")],
    ["two tokens", body("n,,\u0001auth=Bearer x\u0001auth=Bearer y\u0001\u0001")],
    ["no token", body("n,,\u0001host=db\u0001\u0001")],
    ["another scheme", body("n,,\u0001auth=Basic eA==\u0001\u0001")],
    ["a token with a space", body("n,,\u0001auth=Bearer x y\u0001\u0001")],
    ["no end", body("n,,\u0001auth=Bearer x\u0001")],
    ["more after its end", body("n,,\u0001auth=Bearer x\u0001\u0001z")],
    ["a length that lies", body("n,,\u0001auth=Bearer x\u0001\u0001", "OAUTHBEARER", 4)],
    ["no length", Buffer.from("OAUTHBEARER\0ab")],
    ["nothing", Buffer.alloc(0)]
  ])("with %s is malformed", (_, bytes) => expect(readBearerResponse(bytes)._tag).toBe("Malformed"))

  it("of any bytes is read without a throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const whole = Buffer.concat([Buffer.from("OAUTHBEARER\0"), bytes])
      expect(["Token", "Discovery", "Malformed"]).toContain(readBearerResponse(whole)._tag)
    }))
  })

  it("gives up with one separator", () => {
    expect(isGivingUp(Uint8Array.of(1))).toBe(true)
    expect(isGivingUp(Uint8Array.of(1, 1))).toBe(false)
  })
})

const CONFIGURATION = "https://issuer.test/.well-known/openid-configuration"

const open = () => {
  const config = Schema.decodeUnknownSync(postgres.config)({
    login: "oauthbearer",
    oauth: { openid_configuration: CONFIGURATION, scope: "openid groups" }
  })
  const codec = postgres.codec(config)({
    session: { id: "s", pipeline: "p", peer: { address: "::1", port: 1, encrypted: false }, now: () => 0 },
    limits: defaultLimits,
    tls: { downstream: "off", upstream: "off" },
    random: (count) => new Uint8Array(count)
  })
  const say = (bytes: Uint8Array): Event | undefined => {
    codec.receive("downstream", bytes)
    return codec.next("downstream")
  }
  const told = (): string => {
    const chunks: Array<Uint8Array> = []
    for (let bytes = codec.transmit("downstream"); bytes; bytes = codec.transmit("downstream")) chunks.push(bytes)
    return Buffer.concat(chunks).toString("latin1")
  }
  const begun = say(message.open(undefined).int32(196608).text("user").text("ann").bytes(Uint8Array.of(0)).taken())
  return { begun, say, told }
}
const answer = (bytes: Uint8Array): Uint8Array => message.open(0x70).bytes(bytes).taken()

describe("a login by OAUTHBEARER", () => {
  it("is offered that mechanism alone, and is a login with a token", () => {
    const { begun, say, told } = open()
    expect(begun).toBeUndefined()
    expect(told()).toContain("\0\0\0\nOAUTHBEARER\0\0")
    expect(say(answer(body("n,,\u0001auth=Bearer x.y.z\u0001\u0001")))).toMatchObject({
      _tag: "Login",
      login: { user: "ann", method: "token", secret: Buffer.from("x.y.z") }
    })
  })

  it("without a token is told where one can be had, and refused", () => {
    const { say, told } = open()
    told()
    expect(say(answer(body("n,,\u0001auth=\u0001\u0001")))).toBeUndefined()
    expect(told()).toContain(
      JSON.stringify({ status: "invalid_token", "openid-configuration": CONFIGURATION, scope: "openid groups" })
    )
    expect(say(answer(Uint8Array.of(1)))).toMatchObject({ _tag: "Violation" })
    expect(told()).toContain("28000")
  })

  it("that goes on when it is over, or is a password, is a violation", () => {
    const { say } = open()
    say(answer(body("n,,\u0001auth=\u0001\u0001")))
    expect(say(answer(body("n,,\u0001auth=Bearer x.y.z\u0001\u0001")))).toMatchObject({ code: "sasl" })
    expect(open().say(answer(Buffer.from("x.y.z\0")))).toMatchObject({ code: "sasl" })
  })
})
