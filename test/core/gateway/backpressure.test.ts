import * as net from "node:net"
import { describe, expect, it } from "vitest"
import { defaultLimits } from "../../../core/protocol/index.ts"
import { eventually, linePipeline } from "../../fixtures/line-gateway.ts"
import { testBench } from "../../fixtures/test-bench.ts"

const { connect, later, serve, upstream } = testBench()

const MEGABYTE = 1_048_576

/** Waits until `read` answers the same for a while. */
const settled = async (read: () => number): Promise<number> => {
  let before = Number.NaN
  for (let same = 0; same < 20;) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    const now = read()
    same = now === before ? same + 1 : 0
    before = now
  }
  return before
}

describe("backpressure", () => {
  it("of a client that does not read pauses the upstream and bounds memory; then everything arrives", async () => {
    const server = await upstream()
    const gateway = await serve([linePipeline(server.port)])
    const counters = gateway.gateway.counters("lines")
    const socket = net.connect({ host: "127.0.0.1", port: gateway.port() })
    later(() => socket.destroy())
    let received = 0
    const welcomed = new Promise<void>((resolve) => socket.once("data", () => resolve()))
    socket.write("LOGIN ann secret\n")
    await welcomed
    socket.pause()
    const lines = 100_000
    const size = 1000
    const memory = process.memoryUsage().arrayBuffers
    socket.on("data", (chunk: Buffer) => {
      received += chunk.length
    })
    socket.pause()
    socket.write(`READ ${lines} ${size}\n`)
    await eventually("an answer comes", () => counters.bytesFromUpstream > MEGABYTE)
    const stalled = await settled(() => counters.bytesFromUpstream)
    // What the kernel keeps for two connections is all that can be on its way.
    expect(stalled).toBeLessThan(lines * size / 2)
    expect(server.written).toBeLessThan(lines)
    expect(process.memoryUsage().arrayBuffers - memory).toBeLessThan(32 * MEGABYTE)
    const other = await connect(gateway.port())
    await other.login()
    expect(await other.ask("ECHO meanwhile")).toEqual(["- ECHO meanwhile", ". ok"])
    socket.resume()
    await eventually("all of it arrives", () => received === lines * size + ". ok\n".length)
    expect(server.written).toBe(lines)
  })

  it("of an upstream that does not answer pauses the client", async () => {
    const server = await upstream()
    const limits = { ...defaultLimits, messageBytesMax: 65_536 }
    const gateway = await serve([linePipeline(server.port, { limits })])
    const counters = gateway.gateway.counters("lines")
    const client = await connect(gateway.port())
    await client.login()
    client.send("MUTE\n")
    const flood = Buffer.alloc(MEGABYTE, `ECHO ${"y".repeat(58)}\n`)
    for (let i = 0; i < 64; i++) client.socket.write(flood)
    const taken = await settled(() => counters.bytesFromClients)
    expect(taken).toBeLessThan(4 * MEGABYTE)
    expect(client.socket.writableLength).toBeGreaterThan(0)
    expect(server.lines.filter((line) => line.startsWith("ECHO"))).toEqual([])
  })

  it("of an upstream that does not read pauses the client too", async () => {
    const server = await upstream()
    const gateway = await serve([linePipeline(server.port)])
    const counters = gateway.gateway.counters("lines")
    const client = await connect(gateway.port())
    await client.login()
    for (const socket of server.sockets) socket.pause()
    // One operation that does not fit into what kernels keep, and more behind it.
    client.send(`ECHO ${"z".repeat(12 * MEGABYTE)}\n`)
    for (let i = 0; i < 32; i++) client.send(`ECHO ${"w".repeat(MEGABYTE)}\n`)
    const taken = await settled(() => counters.bytesFromClients)
    // One whole operation waits at the upstream, and no more than another is taken in behind it.
    expect(taken).toBeLessThan(12 * MEGABYTE + MEGABYTE)
    for (const socket of server.sockets) socket.resume()
    expect((await client.line())?.length).toBe(12 * MEGABYTE + "- ECHO ".length)
    for (let i = 0; i < 32; i++) {
      expect(await client.line()).toBe(". ok")
      expect((await client.line())?.length).toBe(MEGABYTE + "- ECHO ".length)
    }
  })
})
