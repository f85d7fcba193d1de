import { randomBytes } from "node:crypto"
import { describe, expect, it } from "vitest"
import { eventually, fixture, linePipeline } from "../../fixtures/line-gateway.ts"
import { testBench } from "../../fixtures/test-bench.ts"

const { connect, serve, upstream } = testBench()

describe("a cancellation", () => {
  it("reaches the session that its key was given to, and no other", async () => {
    const server = await upstream()
    const gateway = await serve([linePipeline(server.port)])
    const [one, other] = [await connect(gateway.port()), await connect(gateway.port())]
    const key = await one.login()
    const otherKey = await other.login()
    expect(otherKey).not.toBe(key)
    one.send("SLEEP\n")
    other.send("SLEEP\n")
    await eventually("both sleep", () => server.lines.filter((line) => line === "SLEEP").length === 2)
    const third = await connect(gateway.port())
    third.send(`CANCEL ${key}\n`)
    expect(await third.whole()).toBe("")
    expect(await one.line()).toBe(". failed cancelled")
    expect(server.cancels).toEqual([{ key: "key1", encrypted: false }])
    await eventually("it is counted", () => gateway.gateway.counters("lines").cancels.of("sent") === 1)
    expect(other.rest).toBe("")
    expect(await one.ask("ECHO after")).toEqual(["- ECHO after", ". ok"])
  })

  it("does nothing with a key that is guessed, of an idle session, or of one that is over", async () => {
    const server = await upstream()
    const gateway = await serve([linePipeline(server.port)])
    const counters = gateway.gateway.counters("lines")
    const client = await connect(gateway.port())
    const key = await client.login()
    const cancel = async (text: string): Promise<void> =>
      void await (await connect(gateway.port())).send(`CANCEL ${text}\n`).whole()
    await cancel(randomBytes(16).toString("hex"))
    await cancel(key.slice(0, -1))
    await cancel(`${key}0`)
    await cancel("")
    await eventually("none is known", () => counters.cancels.of("unknown_key") === 4)
    await cancel(key)
    await eventually("nothing runs", () => counters.cancels.of("stale") === 1)
    client.send("QUIT\n")
    await client.whole()
    await cancel(key)
    await eventually("the key went with the session", () => counters.cancels.of("unknown_key") === 5)
    expect(server.cancels).toEqual([])
    expect(server.connections).toBe(1)
  })

  it("goes over TLS where the session does", async () => {
    const server = await upstream({ certificate: "localhost" })
    const pipeline = linePipeline(server.port)
    const secured = { tls: "verify-full", authority: fixture("ca.crt"), host: "localhost" } as const
    const gateway = await serve([{ ...pipeline, upstream: { ...pipeline.upstream, ...secured } }])
    const client = await connect(gateway.port())
    const key = await client.login()
    client.send("SLEEP\n")
    await eventually("it sleeps", () => server.lines.includes("SLEEP"))
    const other = await connect(gateway.port())
    other.send(`CANCEL ${key}\n`)
    expect(await client.line()).toBe(". failed cancelled")
    expect(server.cancels).toEqual([{ key: "key1", encrypted: true }])
  })

  it("of another pipeline's session is not known", async () => {
    const server = await upstream()
    const gateway = await serve([linePipeline(server.port), linePipeline(server.port, { name: "others" })])
    const client = await connect(gateway.port())
    const key = await client.login()
    client.send("SLEEP\n")
    await eventually("it sleeps", () => server.lines.includes("SLEEP"))
    const other = await connect(gateway.port("others"))
    other.send(`CANCEL ${key}\n`)
    await eventually("it is not known there", () => gateway.gateway.counters("others").cancels.of("unknown_key") === 1)
    expect(server.cancels).toEqual([])
  })
})
