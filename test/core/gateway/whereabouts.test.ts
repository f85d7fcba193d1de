import { X509Certificate } from "node:crypto"
import { readFileSync } from "node:fs"
import * as http from "node:http"
import { describe, expect, it } from "vitest"
import { type Drift, Whereabouts } from "../../../core/gateway/whereabouts.ts"
import { fixture, linePipeline, linePlan } from "../../fixtures/line-gateway.ts"
import { testBench } from "../../fixtures/test-bench.ts"

const { connect, serve, upstream } = testBench()
const watch = (ranges?: ReadonlyArray<string>) => {
  const told: Array<Drift> = []
  return { told, at: new Whereabouts(ranges, (drift) => told.push(drift)) }
}
const der = (name: string): Uint8Array => new X509Certificate(readFileSync(fixture(`${name}.crt`))).raw

describe("where an upstream is", () => {
  it.each([
    [["10.20.0.0/16"], "10.20.3.4", true],
    [["10.20.0.0/16"], "::ffff:10.20.3.4", true],
    [["10.20.0.0/16"], "10.21.0.1", false],
    [["10.20.0.7"], "10.20.0.7", true],
    [["10.20.0.7"], "10.20.0.8", false],
    [["2001:db8::/32"], "2001:db8::1", true],
    [["2001:db8::/32"], "2001:db9::1", false],
    [["2001:db8::/32"], "10.20.0.1", false],
    [["0.0.0.0/0", "::/0"], "203.0.113.9", true],
    [["10.0.0.0/8"], "", false],
    [["10.0.0.0/8"], "db.internal", false],
    [undefined, "203.0.113.9", true]
  ])("%j and %s: %j", (ranges, address, accepted) => expect(watch(ranges).at.accepts(address)).toBe(accepted))

  it("is told when it changes, once, and not for what was known before", () => {
    const { at, told } = watch()
    for (const address of ["10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.2"]) at.accepts(address)
    expect(told).toEqual([{ kind: "address", before: "10.0.0.1", now: "10.0.0.2" }])
  })

  it("is told when it is refused, once for each address, and never accepted for being there often", () => {
    const { at, told } = watch(["10.0.0.0/8"])
    for (let i = 0; i < 3; i++) expect(at.accepts("192.0.2.1")).toBe(false)
    expect(told).toEqual([{ kind: "elsewhere", before: "the pinned addresses", now: "192.0.2.1" }])
  })

  it("is told when the certificate is another, and when another authority has signed it", () => {
    const { at, told } = watch()
    at.presented(der("localhost"))
    at.presented(der("localhost"))
    expect(told).toEqual([])
    at.presented(der("elsewhere"))
    expect(told.map(({ kind }) => kind)).toEqual(["certificate"])
    at.presented(der("ca"))
    expect(told.at(-1)!.kind).toBe(
      new X509Certificate(der("ca")).issuer === new X509Certificate(der("localhost")).issuer ? "certificate" : "issuer"
    )
    at.presented(undefined)
  })

  it("is remembered within a bound", () => {
    const { at, told } = watch()
    for (let i = 0; i < 1000; i++) at.accepts(`10.0.${i >> 8}.${i & 255}`)
    expect(told).toHaveLength(999)
    expect(Object.values(at).filter((value) => value instanceof Set).every(({ size }) => size <= 64)).toBe(true)
  })
})

const login = async (port: number): Promise<string> => {
  const client = await connect(port)
  client.send("LOGIN ann secret\n")
  return await client.line() ?? ""
}
const pinned = (port: number, addresses: ReadonlyArray<string>) => {
  const pipeline = linePipeline(port)
  return linePlan([{ ...pipeline, upstream: { ...pipeline.upstream, addresses } }], {
    admin: { host: "127.0.0.1", port: 0 }
  })
}
const get = (port: number, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    http.get({ host: "127.0.0.1", port, path }, (response) => {
      let text = ""
      response.on("data", (chunk) => text += chunk).on("end", () => resolve(text))
    }).on("error", reject)
  })

describe("an upstream that is pinned", () => {
  it("is served where it should be", async () => {
    const server = await upstream()
    const { port } = await serve([], pinned(server.port, ["127.0.0.0/8"]))
    expect(await login(port())).toMatch(/^WELCOME/)
  })

  it("is refused elsewhere, before a byte is sent, and said so", async () => {
    const server = await upstream()
    const { gateway, log, port } = await serve([], pinned(server.port, ["10.0.0.0/8"]))
    expect(await login(port())).toMatch(/^! unavailable .*`upstream.addresses`/)
    expect(server.lines).toEqual([])
    expect(log).toContainEqual(expect.objectContaining({ level: "error", kind: "elsewhere", now: "127.0.0.1" }))
    expect(await get(gateway.admin!.port, "/readyz")).toContain("cannot be reached")
    expect(await get(gateway.admin!.port, "/metrics")).toContain(
      `sluice_drifts_total{pipeline="lines",kind="elsewhere"} 1`
    )
  })
})

describe("the connections to an upstream", () => {
  it("are listed while they are open", async () => {
    const server = await upstream()
    const { gateway, port } = await serve([], pinned(server.port, ["127.0.0.1"]))
    const ends = async (): Promise<ReadonlyArray<string>> =>
      JSON.parse(await get(gateway.admin!.port, "/upstreams")).lines
    expect(await ends()).toEqual([])
    const client = await connect(port())
    client.send("LOGIN ann secret\n")
    await client.line()
    expect(await ends()).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)])
    client.close()
    let left = await ends()
    for (let i = 0; i < 600 && left.length > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      left = await ends()
    }
    expect(left).toEqual([])
  })
})
