import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it } from "vitest"
import type { Plan } from "../../../core/gateway/index.ts"
import { Tally } from "../../../core/gateway/telemetry/counters.ts"
import { Histogram } from "../../../core/gateway/telemetry/histogram.ts"
import { TraceQueue } from "../../../core/gateway/telemetry/trace-queue.ts"
import { allow, Any, definePlugin, deny, Figures } from "../../../core/index.ts"
import { eventually, linePipeline, linePlan, runGateway, welcome } from "../../fixtures/line-gateway.ts"
import { testBench } from "../../fixtures/test-bench.ts"

const { connect, later, serve, upstream } = testBench()

/** Refuses writes, and throws at what it does not know. */
const picky = definePlugin({
  name: "picky",
  family: Any,
  config: Schema.Struct({}),
  acquire: () =>
    Effect.map(
      Effect.serviceOption(Figures),
      (figures) => Option.getOrThrow(figures).counter("sluice_pickings", "Things that were picked")
    ),
  connect: (_session, { resources: picked }) => ({
    decide({ operation: { kind } }) {
      picked(2)
      if (kind === "unknown") throw new Error("a secret 4711")
      return kind === "write" ? deny("no_writes", "Nobody writes here.") : allow
    }
  })
})

const planOf = (port: number, changes: Partial<Plan> = {}): Plan =>
  linePlan([
    linePipeline(port, {
      plugins: [welcome, picky].map((plugin) => ({ use: plugin.name, plugin, config: {}, onError: "deny" }))
    })
  ], { admin: { host: "127.0.0.1", port: 0 }, ...changes })

interface Answer {
  readonly status: number
  readonly text: string
}

const get = (port: number, path: string, method = "GET"): Promise<Answer> =>
  new Promise((resolve, reject) => {
    http.request({ host: "127.0.0.1", port, path, method }, (response) => {
      let text = ""
      response.on("data", (chunk) => {
        text += chunk
      })
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }))
    }).on("error", reject).end()
  })

/** Reads Prometheus' text format strictly: every line is a comment or a sample, every sample follows its TYPE. */
const samplesOf = (text: string): ReadonlyMap<string, number> => {
  const samples = new Map<string, number>()
  const types = new Set<string>()
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line)
    if (type !== null) types.add(type[1]!)
    if (line.startsWith("#")) continue
    const sample = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*\})? (\S+)$/.exec(line)
    if (sample === null) throw new Error(`not a sample: ${line}`)
    const name = sample[1]!
    if (![name, name.replace(/_(bucket|sum|count)$/, "")].some((family) => types.has(family))) {
      throw new Error(`without a type: ${line}`)
    }
    const value = sample[3] === "+Inf" ? Number.POSITIVE_INFINITY : Number(sample[3])
    if (Number.isNaN(value) || samples.has(name + (sample[2] ?? ""))) throw new Error(`not a fresh number: ${line}`)
    samples.set(name + (sample[2] ?? ""), value)
  }
  return samples
}

const converse = async (port: number): Promise<void> => {
  const client = await connect(port)
  await client.login()
  await client.ask("READ topic 10")
  await client.ask("READ 2 10")
  await client.ask("WRITE topic")
  await client.ask("DANCE")
  client.send("QUIT\n")
  await client.whole()
  client.close()
}

describe("metrics", () => {
  it("are readable by Prometheus and count what happened", async () => {
    const { port } = await upstream()
    const { gateway, port: portOf } = await serve([], planOf(port))
    const admin = gateway.admin!.port
    await converse(portOf())
    await converse(portOf())
    const { text } = await get(admin, "/metrics")
    const samples = samplesOf(text)
    const of = (name: string, labels = ""): number | undefined => samples.get(`${name}{pipeline="lines"${labels}}`)
    expect(of("sluice_sessions_open")).toBe(0)
    expect(of("sluice_sessions_total")).toBe(2)
    expect(of("sluice_logins_total", `,verdict="allow"`)).toBe(2)
    expect(of("sluice_operations_total", `,kind="read",verdict="allow"`)).toBe(4)
    expect(of("sluice_operations_total", `,kind="write",verdict="no_writes"`)).toBe(2)
    expect(of("sluice_operations_total", `,kind="unknown",verdict="fault"`)).toBe(2)
    expect(of("sluice_faults_total", `,plugin="picky",stage="decide"`)).toBe(2)
    expect(of("sluice_sessions_closed_total", `,reason="finished"`)).toBe(2)
    expect(of("sluice_dials_total", `,outcome="connected"`)).toBe(2)
    expect(of("sluice_decision_seconds_count")).toBe(8)
    expect(of("sluice_decision_seconds_bucket", `,le="+Inf"`)).toBe(8)
    expect(samples.get("sluice_pickings_total")).toBe(16)
    expect(of("sluice_received_bytes_total", `,from="client"`)).toBe(gateway.counters("lines").bytesFromClients)
    expect(text).toContain(`sluice_config_hash="${"0".repeat(64)}"`)
    expect(text).not.toMatch(/(?<!\d)4711(?!\d)/)
  })

  it("keep labels few, however many values are invented", () => {
    const tally = new Tally()
    for (let i = 0; i < 5000; i++) tally.add(`code ${i}`)
    expect(tally.counts.size).toBeLessThanOrEqual(201)
    expect([...tally.counts.values()].reduce((sum, count) => sum + count, 0)).toBe(5000)
  })

  it("put each value into the bucket of the least bound that is not below it", () => {
    const histogram = new Histogram([1, 2, 5])
    for (const value of [0, 1, 1.5, 2, 3, 5, 6]) histogram.record(value)
    expect(histogram.counts).toEqual([2, 2, 2, 1])
    expect(histogram.sum).toBe(18.5)
    expect(histogram.count).toBe(7)
  })
})

describe("the admin server", () => {
  it("says that the gateway lives, and whether it could serve", async () => {
    const server = await upstream()
    const { gateway } = await serve([], planOf(server.port))
    const { port } = gateway.admin!
    expect(await get(port, "/healthz")).toEqual({ status: 200, text: "alive\n" })
    expect(await get(port, "/readyz")).toEqual({ status: 200, text: `{"ready":true,"pipelines":{"lines":"ready"}}\n` })
    expect((await get(port, "/other")).status).toBe(404)
    expect((await get(port, "/metrics", "POST")).status).toBe(405)
    await Effect.runPromise(gateway.drain(0))
    expect((await get(port, "/healthz")).status).toBe(200)
    expect((await get(port, "/readyz")).status).toBe(503)
  })

  it("is not ready while an upstream cannot be reached", async () => {
    const server = await upstream()
    const { gateway } = await serve([], planOf(server.port))
    await server.close()
    const { status, text } = await get(gateway.admin!.port, "/readyz")
    expect(status).toBe(503)
    expect(text).toContain("the upstream cannot be reached")
  })

  it("closes with the gateway, and keeps it from opening when its port is taken", async () => {
    const server = await upstream()
    const first = await runGateway(planOf(server.port))
    const admin = first.gateway.admin!
    await expect(runGateway(planOf(server.port, { admin }))).rejects.toMatchObject({
      message: expect.stringContaining("admin server")
    })
    await first.close()
    const second = await runGateway(planOf(server.port, { admin }))
    later(second.close)
    expect((await get(admin.port, "/healthz")).status).toBe(200)
  })
})

interface Collected {
  readonly path: string
  readonly body: any
}

/** A collector that keeps what it is sent. */
const collector = async (): Promise<{ readonly address: string; readonly received: Array<Collected> }> => {
  const received: Array<Collected> = []
  const server = http.createServer((request, response) => {
    let text = ""
    request.on("data", (chunk) => {
      text += chunk
    })
    request.on("end", () => {
      received.push({ path: request.url ?? "", body: JSON.parse(text) })
      response.writeHead(200, { "content-type": "application/json" }).end("{}")
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  later(() => {
    server.close()
    server.closeAllConnections()
  })
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

const attributesOf = (item: { readonly attributes: ReadonlyArray<any> }): Record<string, unknown> =>
  Object.fromEntries(item.attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

describe("traces", () => {
  it("have a span for the session and one for each operation, in OpenTelemetry's names and without data", async () => {
    const { address, received } = await collector()
    const server = await upstream()
    const running = await runGateway(planOf(server.port, { telemetry: { otlp: address } }))
    await converse(running.port())
    await eventually("the session is over", () => running.gateway.counters("lines").sessionsOpen === 0)
    await running.close()
    const resources = received.filter(({ path }) => path === "/v1/traces").flatMap(({ body }) => body.resourceSpans)
    const spans = resources.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope: any) => scope.spans))
    expect(attributesOf(resources[0].resource)).toMatchObject({
      "service.name": "sluice",
      "service.instance.id": "gw",
      "sluice.config.hash": "0".repeat(64)
    })
    expect(spans).toHaveLength(5)
    const session = spans.find(({ name }) => name === "session lines")
    expect(attributesOf(session)).toMatchObject({
      "db.system.name": "line",
      "sluice.close_reason": "finished",
      "sluice.login": "allow"
    })
    const operations = spans.filter((span) => span !== session)
    for (const span of operations) {
      expect(span.traceId).toBe(session.traceId)
      expect(span.parentSpanId).toBe(session.spanId)
      expect(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)).toBe(true)
      expect(BigInt(span.startTimeUnixNano) >= BigInt(session.startTimeUnixNano)).toBe(true)
    }
    const named = new Map(operations.map((span) => [span.name, attributesOf(span)]))
    expect(named.get("read topic")).toMatchObject({
      "db.operation.name": "read",
      "db.query.summary": "read topic",
      "sluice.verdict": "allow",
      "sluice.result": "completed"
    })
    expect(named.get("write topic")).toMatchObject({ "sluice.verdict": "no_writes", "error.type": "no_writes" })
    expect(named.get("unknown")).toMatchObject({ "sluice.verdict": "fault", "error.type": "fault" })
    expect(JSON.stringify(received)).not.toMatch(/(?<!\d)4711(?!\d)|DANCE|hunter2|db\.query\.text/)
  })

  it("come with metrics", async () => {
    const { address, received } = await collector()
    const server = await upstream()
    const running = await runGateway(planOf(server.port, { telemetry: { otlp: `${address}/` } }))
    await converse(running.port())
    await eventually("the session is over", () => running.gateway.counters("lines").sessionsOpen === 0)
    await running.close()
    const metrics = received.filter(({ path }) => path === "/v1/metrics")
      .flatMap(({ body }) => body.resourceMetrics[0].scopeMetrics[0].metrics)
    const sessions = metrics.find(({ name }) => name === "sluice_sessions")
    expect(sessions.sum.isMonotonic).toBe(true)
    expect(Number(sessions.sum.dataPoints[0].asDouble ?? sessions.sum.dataPoints[0].asInt)).toBe(1)
    const decisions = metrics.find(({ name }) => name === "sluice_decision_seconds")
    expect(Number(decisions.histogram.dataPoints[0].count)).toBe(4)
  })

  it("cost no session when the collector is away", async () => {
    const server = await upstream()
    const running = await runGateway(planOf(server.port, { telemetry: { otlp: "http://127.0.0.1:9" } }))
    await converse(running.port())
    await running.close()
    expect(running.gateway.counters("lines").closed.of("finished")).toBe(1)
  })

  it("that nobody takes are dropped and counted", () => {
    const queue = new TraceQueue(2)
    for (let i = 0; i < 5; i++) queue.add({} as never)
    expect(queue.dropped).toBe(3)
    expect(queue.take().operations).toHaveLength(2)
    expect(queue.take().operations).toHaveLength(0)
  })
})
