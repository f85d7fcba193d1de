import fc from "fast-check"
import { readFileSync } from "node:fs"
import * as tls from "node:tls"
import { afterEach, describe, expect, it } from "vitest"
import type { PortEvents } from "../../../core/relay/index.ts"
import { SocketPort, type SocketPortOptions, tlsClient, TlsServer } from "../../../core/transport/index.ts"
import { eventually, fixture } from "../../fixtures/line-gateway.ts"
import { socketPair } from "../../fixtures/socket-pair.ts"

const closing: Array<() => void> = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const plain: SocketPortOptions = { upgrade: undefined, handshakeMilliseconds: 5000, stallMilliseconds: 60_000 }

/** What a port told, in order; received bytes are gathered apart. */
class Heard implements PortEvents {
  readonly said: Array<string> = []
  readonly chunks: Array<Uint8Array> = []
  bytes = 0
  received(chunk: Uint8Array): void {
    this.chunks.push(chunk)
    this.bytes += chunk.length
  }
  drained(): void {
    this.said.push("drained")
  }
  secured(tls: Parameters<PortEvents["secured"]>[0]): void {
    this.said.push(`secured ${tls.alpn}`)
  }
  ended(): void {
    this.said.push("ended")
  }
  failed(reason: string): void {
    this.said.push(`failed: ${reason}`)
  }
  get text(): string {
    return Buffer.concat(this.chunks).toString("latin1")
  }
}

const open = async (options: Partial<SocketPortOptions> = {}) => {
  const { accepted, close, peer } = await socketPair()
  closing.push(close)
  const heard = new Heard()
  const port = new SocketPort(accepted, { ...plain, ...options })
  port.listen(heard)
  return { accepted, heard, peer, port }
}

describe("a socket port", () => {
  it("reads only once it was resumed, and not while it is paused", async () => {
    const { accepted, heard, peer, port } = await open()
    peer.write("early")
    await eventually("it has arrived", () => accepted.bytesRead >= 0 && peer.bytesWritten === 5)
    expect(heard.bytes).toBe(0)
    port.resume()
    port.resume()
    await eventually("it is told", () => heard.text === "early")
    port.pause()
    port.pause()
    const megabyte = Buffer.alloc(1_048_576)
    for (let i = 0; i < 32; i++) peer.write(megabyte)
    let before = -1
    await eventually("the peer is held up", () => {
      const same = before === accepted.bytesRead
      before = accepted.bytesRead
      return same
    })
    expect(heard.text).toBe("early")
    expect(accepted.readableLength).toBeLessThan(1_048_576)
    port.resume()
    await eventually("all of it is told", () => heard.bytes === 5 + 32 * megabyte.length)
  })

  it("says that a peer is slow, and when it has caught up", async () => {
    const { heard, peer, port } = await open()
    const megabyte = Buffer.alloc(1_048_576, "x")
    let written = 0
    while (written < 256 && port.write(megabyte)) written++
    expect(written).toBeLessThan(256)
    expect(heard.said).toEqual([])
    peer.resume()
    await eventually("it drains", () => heard.said.includes("drained"))
    expect(heard.said).toEqual(["drained"])
  })

  it("tells the peer's end once, and nothing after it", async () => {
    const { heard, peer, port } = await open()
    port.resume()
    peer.end("last")
    await eventually("the end", () => heard.said.length > 0)
    peer.resetAndDestroy()
    port.write(Buffer.alloc(100))
    port.write(Buffer.alloc(100))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(heard.text).toBe("last")
    expect(heard.said).toEqual(["ended"])
  })

  it("tells a broken connection once", async () => {
    const { heard, peer, port } = await open()
    port.resume()
    peer.resetAndDestroy()
    await eventually("the break", () => heard.said.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(heard.said).toEqual(["failed: the peer broke the connection (ECONNRESET)"])
    expect(port.over).toBe(true)
  })

  it("sends what was written before it ends, also to a slow peer that is still sending", async () => {
    let gone = 0
    const { heard, peer, port } = await open({ closed: () => gone++ })
    port.resume()
    const whole = Buffer.alloc(4_000_000, "abc")
    port.write(whole)
    port.end()
    peer.write("this is read by nobody, and must not reset the connection")
    const got: Array<Buffer> = []
    peer.on("data", (chunk: Buffer) => got.push(chunk)).on("end", () => peer.end())
    await eventually("it is gone", () => port.over)
    await eventually("all of it came", () => Buffer.concat(got).length === whole.length)
    expect(Buffer.concat(got).equals(whole)).toBe(true)
    expect(heard.said).toEqual([])
    expect(gone).toBe(1)
  })

  it("that has ended does not wait for ever for a peer that never closes", async () => {
    const { peer, port } = await open()
    port.resume()
    port.write(Buffer.from("bye"))
    port.end()
    let closed = false
    peer.on("close", () => {
      closed = true
    })
    peer.resume()
    await eventually("it is gone", () => port.over)
    peer.destroy()
    await eventually("both are", () => closed)
  })

  it("gives up a peer that reads nothing of what it is sent", async () => {
    const { heard, port } = await open({ stallMilliseconds: 100 })
    port.resume()
    const megabyte = Buffer.alloc(1_048_576, "x")
    for (let i = 0; i < 64 && port.write(megabyte); i++);
    await eventually("it is given up", () => heard.said.length > 0)
    expect(heard.said).toEqual(["failed: the peer stopped reading what it is sent"])
  })

  it("does not give up a peer that is merely silent", async () => {
    const { heard, peer, port } = await open({ stallMilliseconds: 50 })
    port.resume()
    peer.resume()
    port.write(Buffer.from("hello"))
    await new Promise((resolve) => setTimeout(resolve, 200))
    peer.write("still here")
    await eventually("it is heard", () => heard.text === "still here")
    expect(heard.said).toEqual([])
  })

  it("is silent once it was destroyed", async () => {
    const { heard, peer, port } = await open()
    port.resume()
    port.destroy()
    port.destroy()
    expect(port.write(Buffer.from("x"))).toBe(true)
    port.resume()
    port.end()
    port.secure()
    await eventually("the peer notices", () => peer.readableEnded || peer.destroyed || !peer.writable || peer.readable)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(heard.said).toEqual([])
  })

  it(
    "carries every byte, in order, however it is chunked and paused; and the test notices one that is lost",
    async () => {
      const { heard, peer, port } = await open()
      port.resume()
      const echoed: Array<Buffer> = []
      let echoedBytes = 0
      peer.on("data", (chunk: Buffer) => {
        echoed.push(chunk)
        echoedBytes += chunk.length
      })
      const holds = async (pieces: ReadonlyArray<Uint8Array>, pauses: ReadonlyArray<boolean>, lossy: boolean) => {
        const whole = Buffer.concat(pieces)
        heard.chunks.length = 0
        heard.bytes = 0
        echoed.length = 0
        echoedBytes = 0
        pieces.forEach((piece, i) => {
          if (pauses[i] === true) port.pause()
          peer.write(piece)
          port.write(lossy && i === 0 ? piece.subarray(1) : piece)
          if (pauses[i] === true) port.resume()
        })
        const due = lossy ? whole.length - 1 : whole.length
        await eventually("all of it came", () => heard.bytes === whole.length && echoedBytes === due)
        return Buffer.concat(heard.chunks).equals(whole) && Buffer.concat(echoed).equals(whole)
      }
      const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { minLength: 1, maxLength: 5 })
      const pauses = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 })
      await fc.assert(
        fc.asyncProperty(pieces, pauses, (parts, held) => holds(parts, held, false)),
        { numRuns: 1000 }
      )
      const mutant = await fc.check(fc.asyncProperty(pieces, pauses, (parts, held) => holds(parts, held, true)), {
        numRuns: 10
      })
      expect(mutant.failed).toBe(true)
    },
    120_000
  )
})

describe("a socket port that is secured", () => {
  const pem = (name: string): string => readFileSync(fixture(name), "utf8")
  const server = (clientAuthority?: string): TlsServer =>
    new TlsServer({
      certificate: pem("localhost.crt"),
      key: pem("localhost.key"),
      alpn: "line",
      handshakeMilliseconds: 5000,
      clientAuthority,
      clientRequired: false
    })

  it("keeps reading where the conversation in clear ended, with what was read too early put back", async () => {
    const { heard, peer, port } = await open({ upgrade: server().upgrade })
    port.resume()
    const secured = tls.connect({ socket: peer, ca: pem("ca.crt"), servername: "localhost", ALPNProtocols: ["line"] })
    secured.write("from inside")
    await eventually("the hello came in clear", () => heard.bytes > 0)
    const unread = Buffer.concat(heard.chunks)
    expect(unread[0]).toBe(0x16)
    heard.chunks.length = 0
    port.secure(unread)
    await eventually("it is secured", () => heard.said.includes("secured line"))
    await eventually("it goes on", () => heard.text === "from inside")
    port.write(Buffer.from("and back"))
    const back = await new Promise<string>((resolve) => secured.once("data", (chunk) => resolve(String(chunk))))
    expect(back).toBe("and back")
    secured.end()
    await eventually("the end comes through", () => heard.said.includes("ended"))
    expect(heard.said).toEqual(["secured line", "ended"])
  })

  it("hands over a client's certificate that is trusted, goes on without one, and refuses any other", async () => {
    const meet = async (own: { readonly cert?: string; readonly key?: string }) => {
      const certificates: Array<Uint8Array | undefined> = []
      const { heard, peer, port } = await open({ upgrade: server(pem("ca.crt")).upgrade })
      heard.secured = ({ certificate }) => {
        certificates.push(certificate)
        heard.said.push("secured")
      }
      port.resume()
      port.secure()
      tls.connect({ socket: peer, ca: pem("ca.crt"), servername: "localhost", ...own }).on("error", () => {}).resume()
      await eventually("it is settled", () => heard.said.length > 0)
      return { certificates, said: heard.said }
    }
    const none = await meet({})
    expect(none).toEqual({ certificates: [undefined], said: ["secured"] })
    const trusted = await meet({ cert: pem("elsewhere.crt"), key: pem("elsewhere.key") })
    expect(trusted.certificates[0]?.length).toBeGreaterThan(100)
    const stranger = await meet({ cert: pem("ecdsa-sha256.crt"), key: pem("ecdsa-sha256.key") })
    expect(stranger.said[0]).toMatch(/^failed: the client's certificate is not trusted/)
  })

  it("fails when the handshake takes too long, on either side", async () => {
    const client = tlsClient({ host: "localhost", mode: "require", authority: undefined, alpn: undefined })
    for (const upgrade of [server().upgrade, client]) {
      const { heard, port } = await open({ upgrade, handshakeMilliseconds: 100 })
      port.resume()
      port.secure()
      await eventually("it is given up", () => heard.said.length > 0)
      expect(heard.said).toEqual(["failed: the TLS handshake was not finished in time"])
    }
  })

  it("fails when the peer leaves in the middle of the handshake", async () => {
    const client = tlsClient({ host: "localhost", mode: "require", authority: undefined, alpn: undefined })
    for (const upgrade of [server().upgrade, client]) {
      const { heard, peer, port } = await open({ upgrade })
      port.resume()
      port.secure()
      await new Promise((resolve) => setTimeout(resolve, 10))
      peer.destroy()
      await eventually("it is told", () => heard.said.length > 0)
      expect(heard.said).toHaveLength(1)
      expect(heard.said[0]).toMatch(/^failed: /)
    }
  })

  it("survives names that no certificate has, and hellos made of anything", async () => {
    const upgrade = server().upgrade
    const record = fc.uint8Array({ maxLength: 300 }).map((body) =>
      Buffer.concat([Buffer.from([0x16, 3, 1, body.length >> 8, body.length & 255]), body])
    )
    await fc.assert(
      fc.asyncProperty(record, async (hello) => {
        const { heard, peer, port } = await open({ upgrade })
        port.resume()
        port.secure(hello)
        peer.end()
        peer.resume()
        await eventually("it is refused", () => heard.said.length > 0)
        peer.destroy()
        return heard.said.length === 1 && heard.said[0]!.startsWith("failed: ")
      }),
      { numRuns: Number(process.env["TLS_RUNS"] ?? 100) }
    )
    const { heard, peer, port } = await open({ upgrade })
    port.secure()
    tls.connect({ socket: peer, rejectUnauthorized: false, servername: "xn--\u0000-.example" }).on("error", () => {})
    await eventually("it is served all the same", () => heard.said.length > 0)
  }, 120_000)

  it("cannot be, where nothing was prepared for it", async () => {
    const { heard, port } = await open()
    port.secure()
    expect(heard.said).toEqual(["failed: this connection cannot be secured"])
  })
})
