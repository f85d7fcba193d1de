import * as net from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import { LoanedReads } from "../../../core/transport/loaned-reads.ts"
import { eventually } from "../../fixtures/line-gateway.ts"

const closing: Array<() => void> = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A connection that reads by loans, and its peer. */
const connected = async (): Promise<{ reads: LoanedReads; socket: net.Socket; peer: net.Socket }> => {
  const reads = new LoanedReads()
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const accepted = new Promise<net.Socket>((resolve) => server.once("connection", resolve))
  const socket = net.connect({ port: (server.address() as net.AddressInfo).port, onread: reads.options })
  reads.of(socket)
  const peer = await accepted
  closing.push(() => {
    server.close()
    socket.destroy()
    peer.destroy()
  })
  return { reads, socket, peer }
}

const say = async (peer: net.Socket, bytes: Uint8Array, heard: () => number): Promise<void> => {
  const before = heard()
  peer.write(bytes)
  await eventually("all of it", () => heard() - before === bytes.length)
}

describe("reads that are lent", () => {
  it("go into the same memory once they came back, and never into what did not", async () => {
    const { peer, reads } = await connected()
    const chunks: Array<Uint8Array> = []
    let back = true
    reads.receive = (chunk) => {
      chunks.push(chunk)
      if (back) reads.reclaim()
    }
    const heard = (): number => chunks.reduce((sum, { length }) => sum + length, 0)
    for (const text of ["one", "two"]) await say(peer, Buffer.from(text), heard)
    expect(chunks[0]!.buffer).toBe(chunks[1]!.buffer)
    back = false
    chunks.length = 0
    for (const text of ["three", "four", "five"]) await say(peer, Buffer.from(text), heard)
    expect(new Set(chunks.map(({ buffer }) => buffer)).size).toBe(3)
    expect(chunks.map(String)).toEqual(["three", "four", "five"])
  })

  it("grow with what comes at once", async () => {
    const { peer, reads } = await connected()
    const sizes: Array<number> = []
    reads.receive = (chunk) => {
      sizes.push(chunk.length)
      reads.reclaim()
    }
    const heard = (): number => sizes.reduce((sum, size) => sum + size, 0)
    await say(peer, new Uint8Array(1_000_000), heard)
    expect(sizes[0]!).toBeLessThanOrEqual(8192)
    expect(Math.max(...sizes)).toBeGreaterThan(8192)
  })

  it("are copied while nobody receives them: what came before is heard first", async () => {
    const { peer, reads, socket } = await connected()
    peer.write("early ")
    await eventually("what came early", () => socket.readableLength === 6)
    const heard: Array<string> = []
    reads.receive = (chunk) => void heard.push(String(chunk))
    socket.on("data", (chunk) => void heard.push(String(chunk)))
    socket.resume()
    peer.write("late")
    await eventually("both", () => heard.join("") === "early late")
  })
})
