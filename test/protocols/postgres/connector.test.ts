import { describe, expect, it } from "vitest"
import { PostgresConnector } from "../../../protocols/postgres/connector.ts"
import { readBearerResponse } from "../../../protocols/postgres/oauth-bearer.ts"

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
const packet = (code: number, body = ""): Buffer =>
  Buffer.concat([int(8 + body.length), int(code), Buffer.from(body, "latin1")])
const frame = (type: string, ...body: ReadonlyArray<Buffer>): Buffer => {
  const whole = Buffer.concat(body)
  return Buffer.concat([Buffer.from(type), int(whole.length + 4), whole])
}

const startup = packet(0x30000, "user\0app\0\0")
const cancel = packet(80877102, "12345678")
const ssl = packet(80877103)
const gss = packet(80877104)
const cleartext = frame("R", int(3))
const ok = frame("R", int(0))
const sasl = (name: string): Buffer => frame("R", int(10), Buffer.from(`${name}\0\0`))
const TOKEN = "aaa.bbb.ccc"

/** A connector, driven; each step that it asks for is done at once. */
class Driven {
  readonly connector: PostgresConnector
  readonly steps: Array<string> = []
  private readonly sent = { downstream: "", upstream: "" }
  private readonly pieces: boolean

  constructor(options: { readonly tls?: "off" | "required"; readonly pieces?: boolean } = {}) {
    this.connector = new PostgresConnector({ tls: options.tls ?? "required" })
    this.pieces = options.pieces ?? false
  }

  hear(side: "downstream" | "upstream", ...all: ReadonlyArray<Buffer>): this {
    const bytes = Buffer.concat(all)
    const chunks = this.pieces ? [...bytes].map((byte) => Buffer.of(byte)) : [bytes]
    for (const chunk of chunks) {
      this.connector.receive(side, Uint8Array.from(chunk))
      for (let step = this.connector.next(); step !== undefined; step = this.connector.next()) {
        this.steps.push(step._tag)
        if (step._tag === "Dial") this.connector.dialled()
        else if (step._tag === "Upgrade") this.connector.secured()
        else if (step._tag === "Token") this.connector.token(TOKEN)
      }
      for (const to of ["downstream", "upstream"] as const) {
        for (let out = this.connector.transmit(to); out !== undefined; out = this.connector.transmit(to)) {
          this.sent[to] += Buffer.from(out).toString("latin1")
        }
      }
    }
    return this
  }

  get client(): string {
    return this.sent.downstream
  }
  get gateway(): string {
    return this.sent.upstream
  }
}

const text = (...parts: ReadonlyArray<Buffer>): string => Buffer.concat(parts).toString("latin1")

describe.each([{ pieces: false }, { pieces: true }])("a connector, bytes in pieces: $pieces", ({ pieces }) => {
  it("refuses encryption on this machine, and brings the token over TLS in place of the password", () => {
    const driven = new Driven({ pieces })
    driven.hear("downstream", gss).hear("downstream", ssl).hear("downstream", startup)
    expect([driven.client, driven.gateway]).toEqual(["NN", text(ssl)])
    driven.hear("upstream", Buffer.from("S")).hear("upstream", cleartext)
    expect(driven.gateway).toBe(text(ssl, startup, frame("p", Buffer.from(`${TOKEN}\0`))))
    driven.hear("upstream", ok, frame("Z", Buffer.from("I")))
    expect(driven.client).toBe(pieces ? `NN${text(ok)}` : `NN${text(ok, frame("Z", Buffer.from("I")))}`)
    expect(driven.steps).toEqual(["Dial", "Upgrade", "Token", "Pipe"])
    expect(driven.client).not.toContain(TOKEN)
  })

  it("brings it by OAUTHBEARER, and gives up as the RFC says when it is not taken", () => {
    const driven = new Driven({ pieces }).hear("downstream", startup).hear("upstream", Buffer.from("S"))
    driven.hear("upstream", sasl("OAUTHBEARER"))
    const answer = Buffer.from(driven.gateway.slice(text(ssl, startup).length), "latin1")
    expect(readBearerResponse(answer.subarray(5))).toEqual({ _tag: "Token", token: Buffer.from(TOKEN) })
    driven.hear("upstream", frame("R", int(11), Buffer.from("{}")))
    expect(driven.gateway.endsWith(text(frame("p", Buffer.of(1))))).toBe(true)
    driven.hear("upstream", frame("E", Buffer.from("C28000\0\0")))
    expect(driven.client).toBe(text(frame("E", Buffer.from("C28000\0\0"))))
    expect(driven.steps.at(-1)).toBe("Close")
  })

  it("passes a cancel request on over TLS, without a token", () => {
    const driven = new Driven({ pieces }).hear("downstream", cancel).hear("upstream", Buffer.from("S"))
    expect(driven.gateway).toBe(text(ssl, cancel))
    expect(driven.steps).toEqual(["Dial", "Upgrade", "Close"])
  })
})

describe("a connector's token stays here when", () => {
  it.each<[string, ReadonlyArray<Buffer>]>([
    ["the gateway takes no TLS", [Buffer.from("N")]],
    ["something is put behind the answer in clear", [Buffer.from("S"), cleartext]],
    ["an error comes in clear", [frame("E", Buffer.from("Mx\0\0"))]],
    ["a password is asked for in clear", [cleartext]]
  ])("%s", (_name, said) => {
    const driven = new Driven().hear("downstream", startup).hear("upstream", ...said)
    expect(driven.gateway).toBe(text(ssl))
    expect(driven.client).toMatch(/^E.*FATAL/s)
    expect(driven.steps).toEqual(["Dial", "Close"])
  })

  it.each<[string, Buffer]>([
    ["nothing is asked for", ok],
    ["MD5 is asked for", frame("R", int(5), int(1))],
    ["SCRAM is asked for", sasl("SCRAM-SHA-256")],
    ["the session begins without a login", frame("Z", Buffer.from("I"))],
    ["a message has an impossible length", Buffer.concat([Buffer.from("R"), int(2), int(3)])],
    ["a message is longer than any", Buffer.concat([Buffer.from("R"), int(1 << 30), int(3)])],
    ["a message is cut short", frame("R", Buffer.of(3))]
  ])("%s", (_name, said) => {
    const driven = new Driven().hear("downstream", startup).hear("upstream", Buffer.from("S")).hear("upstream", said)
    expect(driven.gateway).toBe(text(ssl, startup))
    expect(driven.client).toMatch(/^E.*FATAL/s)
    expect(driven.steps).toEqual(["Dial", "Upgrade", "Close"])
  })

  it("it was given once", () => {
    const driven = new Driven({ tls: "off" }).hear("downstream", startup).hear("upstream", cleartext)
    driven.hear("upstream", cleartext)
    expect(driven.gateway.split(TOKEN)).toHaveLength(2)
    expect(driven.steps).toEqual(["Dial", "Token", "Close"])
  })
})

describe("a connector's client", () => {
  it.each([0, 7, 10_001, -1])("is refused with a startup packet of %i bytes", (length) => {
    const driven = new Driven().hear("downstream", Buffer.concat([int(length), int(0x30000)]))
    expect(driven.steps).toEqual(["Close"])
    expect(driven.client).toMatch(/^E.*FATAL/s)
  })

  it("is told why there is no token", () => {
    const connector = new PostgresConnector({ tls: "off" })
    connector.receive("downstream", Uint8Array.from(startup))
    connector.next()
    connector.dialled()
    connector.refuse("Log in again.")
    expect(connector.next()).toEqual({ _tag: "Close" })
    expect(Buffer.from(connector.transmit("downstream")!).toString()).toContain("Log in again.")
    expect(connector.transmit("upstream")).toBeUndefined()
  })
})
