import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TLSSocket } from "node:tls"
import { describe, expect, it } from "vitest"
import type { PipelinePlan } from "../../../core/gateway/index.ts"
import { LineClient } from "../../fixtures/line-client.ts"
import { eventually, fixture, linePipeline } from "../../fixtures/line-gateway.ts"
import { testBench } from "../../fixtures/test-bench.ts"

const { connect, later, serve, upstream } = testBench()

const ca = readFileSync(fixture("ca.crt"), "utf8")
const tls = { certificate: fixture("localhost.crt"), key: fixture("localhost.key") }

const secured = (port: number, changes: Partial<PipelinePlan["upstream"]> = {}): PipelinePlan => {
  const pipeline = linePipeline(port, { tls })
  return { ...pipeline, upstream: { ...pipeline.upstream, ...changes } }
}

describe("TLS towards clients", () => {
  it("is put on a connection in the middle of its conversation", async () => {
    const gateway = await serve([secured((await upstream()).port)])
    const client = await connect(gateway.port())
    client.send("STARTTLS\n")
    expect(await client.byte()).toBe("S")
    const socket = await client.secure({ ca, servername: "localhost" })
    expect(socket.getProtocol()).toBe("TLSv1.3")
    await client.login()
    expect(await client.ask("ECHO over TLS")).toEqual(["- ECHO over TLS", ". ok"])
    expect(await client.ask("READ 200 5000")).toHaveLength(201)
  })

  it("may begin with the first byte, when the application protocol is named", async () => {
    const gateway = await serve([secured((await upstream()).port)])
    const client = await LineClient.direct(gateway.port(), { ca, servername: "localhost", ALPNProtocols: ["line"] })
    later(() => client.close())
    await client.login()
    expect(await client.ask("ECHO direct")).toEqual(["- ECHO direct", ". ok"])
  })

  it("is refused for another application protocol, and for none when it begins with the first byte", async () => {
    const server = await upstream()
    const gateway = await serve([secured(server.port)])
    const other = { ca, servername: "localhost", ALPNProtocols: ["http/1.1"] }
    await expect(LineClient.direct(gateway.port(), other)).rejects.toThrow(/no application protocol/i)
    const none = await LineClient.direct(gateway.port(), { ca, servername: "localhost" })
    later(() => none.close())
    expect(await none.whole()).toMatch(/^! protocol_violation/)
    expect(server.connections).toBe(0)
  })

  it("may not be left out where it is required", async () => {
    const gateway = await serve([secured((await upstream()).port)])
    const client = await connect(gateway.port())
    client.send("LOGIN ann secret\n")
    expect(await client.whole()).toMatch(/^! protocol_violation/)
  })

  it("does not take what came in clear behind the request for it as part of what came encrypted", async () => {
    const server = await upstream()
    const gateway = await serve([secured(server.port)])
    const client = await connect(gateway.port())
    client.send("STARTTLS\nLOGIN mallory secret\n")
    expect(await client.byte()).toBe("S")
    // The smuggled line is read as a handshake, which it is not.
    await client.whole()
    await eventually("the session is over", () => gateway.gateway.counters("lines").sessionsOpen === 0)
    expect(gateway.gateway.counters("lines").logins.counts.size).toBe(0)
    expect(server.connections).toBe(0)
  })

  it("ends with garbage, before and after the handshake, and takes nothing else along", async () => {
    const gateway = await serve([secured((await upstream()).port)])
    const well = await LineClient.direct(gateway.port(), { ca, servername: "localhost", ALPNProtocols: ["line"] })
    later(() => well.close())
    await well.login()
    const early = await connect(gateway.port())
    early.socket.write(Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]))
    await early.whole()
    const late = await connect(gateway.port())
    late.send("STARTTLS\n")
    await late.byte()
    const plain = late.socket
    await late.secure({ ca, servername: "localhost" })
    await late.login()
    plain.write(Buffer.from("0000 not a TLS record at all 0000\n"))
    await late.whole()
    await eventually("one session is left", () => gateway.gateway.counters("lines").sessionsOpen === 1)
    expect(await well.ask("ECHO x")).toEqual(["- ECHO x", ". ok"])
  })

  it("that stalls in the handshake is given up with the login's deadline", async () => {
    const pipeline = secured((await upstream()).port)
    const gateway = await serve([{ ...pipeline, limits: { ...pipeline.limits, loginSeconds: 0.2 } }])
    const client = await connect(gateway.port())
    client.socket.write(Buffer.from([0x16, 3, 1, 2, 0]))
    await client.whole()
    await eventually("the slot is free", () => gateway.gateway.counters("lines").sessionsOpen === 0)
  })

  it("takes a renewed certificate at once, and keeps the old one while the new is no pair", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-"))
    later(() => rmSync(folder, { recursive: true }))
    const files = { certificate: join(folder, "tls.crt"), key: join(folder, "tls.key") }
    copyFileSync(tls.certificate, files.certificate)
    copyFileSync(tls.key, files.key)
    const gateway = await serve([{ ...secured((await upstream()).port), tls: files }])
    const subject = async (): Promise<string> => {
      const client = await LineClient.direct(gateway.port(), { ca, servername: "localhost", ALPNProtocols: ["line"] })
      const { subject } = (client.socket as TLSSocket).getPeerX509Certificate()!
      client.close()
      return subject
    }
    expect(await subject()).toBe("CN=localhost")
    copyFileSync(fixture("renewed.crt"), files.certificate)
    await eventually(
      "the mismatch is logged",
      () => gateway.log.some(({ message }) => String(message).includes("certificate"))
    )
    expect(await subject()).toBe("CN=localhost")
    copyFileSync(fixture("renewed.key"), files.key)
    let now = ""
    for (let i = 0; i < 600 && now !== "CN=renewed"; i++) {
      now = await subject()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(now).toBe("CN=renewed")
  })
})

describe("TLS towards upstreams", () => {
  const login = async (
    certificate: string | undefined,
    changes: Partial<PipelinePlan["upstream"]>
  ): Promise<string> => {
    const server = await upstream(certificate === undefined ? {} : { certificate })
    const pipeline = linePipeline(server.port)
    const gateway = await serve([{ ...pipeline, upstream: { ...pipeline.upstream, ...changes } }])
    const client = await connect(gateway.port())
    client.send("LOGIN ann secret\n")
    return await client.line() ?? ""
  }
  const full = { tls: "verify-full", authority: fixture("ca.crt"), host: "localhost" } as const

  it("verifies the chain and the name", async () => {
    expect(await login("localhost", full)).toMatch(/^WELCOME/)
    expect(await login("localhost", { ...full, host: "127.0.0.1" })).toMatch(/^WELCOME/)
  })

  it("refuses another name, an unknown authority, and a server that has no TLS", async () => {
    expect(await login("elsewhere", full)).toMatch(/^! upstream_lost .*another name/)
    expect(await login("localhost", { ...full, authority: undefined })).toMatch(/^! upstream_lost .*TLS failed/)
    expect(await login(undefined, full)).toMatch(/^! upstream/)
  })

  it("takes any certificate where only encryption is required", async () => {
    expect(await login("elsewhere", { ...full, tls: "require", authority: undefined })).toMatch(/^WELCOME/)
  })
})
