import fc from "fast-check"
import { readFileSync } from "node:fs"
import * as net from "node:net"
import * as tls from "node:tls"
import { describe, expect, it } from "vitest"
import { eventually, fixture, linePipeline } from "../../fixtures/line-gateway.ts"
import { testBench } from "../../fixtures/test-bench.ts"

const { serve, upstream } = testBench()

const ca = readFileSync(fixture("ca.crt"), "utf8")

/** How far a client gets before it leaves, and how it does. */
interface Visit {
  readonly stage: "connect" | "garbage" | "starttls" | "hello" | "login" | "ask" | "mute" | "flood" | "answer"
  readonly secure: boolean
  readonly leave: "end" | "reset" | "destroy"
}

const visits = fc.array(
  fc.record<Visit>({
    stage: fc.constantFrom("connect", "garbage", "starttls", "hello", "login", "ask", "mute", "flood", "answer"),
    secure: fc.boolean(),
    leave: fc.constantFrom("end", "reset", "destroy")
  }),
  { minLength: 1, maxLength: 12 }
)

const SAID: Readonly<Record<Visit["stage"], string>> = {
  connect: "",
  garbage: "\u0000\u0001 what is this\n",
  starttls: "STARTTLS\n",
  hello: "STARTTLS\n\u0016\u0003\u0001",
  login: "LOGIN ann secret\n",
  ask: "LOGIN ann secret\nREAD 3 10\n",
  mute: "LOGIN ann secret\nMUTE\n",
  flood: `LOGIN ann secret\n${"ECHO x\n".repeat(500)}`,
  answer: "LOGIN ann secret\nREAD 20000 100\n"
}

/** Comes, says what it says without waiting, hears something or nothing, and leaves. */
const visit = (ports: { readonly plain: number; readonly secure: number }, { leave, secure, stage }: Visit) =>
  new Promise<void>((resolve) => {
    const raw = net.connect(secure ? ports.secure : ports.plain, "127.0.0.1")
    const begins = secure && stage !== "starttls" && stage !== "hello" && stage !== "connect"
    const socket = begins ? tls.connect({ socket: raw, ca, servername: "localhost", ALPNProtocols: ["line"] }) : raw
    const go = (): void => {
      if (leave === "end") socket.end()
      else if (leave === "reset") raw.resetAndDestroy()
      else raw.destroy()
    }
    raw.on("error", () => {}).once("close", () => resolve())
    socket.on("error", () => {}).resume()
    raw.once("connect", () => {
      socket.write(SAID[stage], "latin1")
      if (stage === "connect" || stage === "hello") setImmediate(go)
      else socket.once("data", go)
      setTimeout(go, stage === "garbage" || stage === "starttls" ? 5 : 60)
    })
  })

describe("clients that come and go as they like", () => {
  it("leave nothing behind: no session, connection, key, wait or timer", async () => {
    const server = await upstream()
    const certificates = { certificate: fixture("localhost.crt"), key: fixture("localhost.key") }
    const { gateway, port } = await serve([
      linePipeline(server.port, { name: "plain" }),
      linePipeline(server.port, { name: "secure", tls: certificates })
    ], { admin: { host: "127.0.0.1", port: 0 } })
    const ports = { plain: port("plain"), secure: port("secure") }
    const both = [gateway.counters("plain"), gateway.counters("secure")]
    const open = (): number => both.reduce((sum, { sessionsOpen }) => sum + sessionsOpen, 0)
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length
    await Promise.all(Array.from({ length: 4 }, () => visit(ports, { stage: "ask", secure: true, leave: "end" })))
    await eventually("the first are gone", () => open() === 0 && server.sockets.size === 0)
    await new Promise((resolve) => setTimeout(resolve, 2500))
    const before = timers()
    let count = 4
    await fc.assert(
      fc.asyncProperty(visits, async (all) => {
        count += all.length
        await Promise.all(all.map((one) => visit(ports, one)))
      }),
      { numRuns: Number(process.env["CHURN_RUNS"] ?? 120) }
    )
    const stays = net.connect(ports.plain, "127.0.0.1").on("error", () => {})
    await eventually("one that stays is seen", () => open() === 1)
    stays.destroy()
    await eventually("every session ends", () => open() === 0)
    await eventually("every upstream connection closes", () => server.sockets.size === 0)
    expect(both.reduce((sum, { sessionsTotal }) => sum + sessionsTotal, 0)).toBeLessThanOrEqual(count + 1)
    expect(both.flatMap(({ faults }) => [...faults.counts])).toEqual([])
    await eventually("every timer is cleared", () => timers() <= before + 2)
    const metrics = await (await fetch(`http://127.0.0.1:${gateway.admin!.port}/metrics`)).text()
    expect(metrics).toMatch(/^sluice_waits_open 0$/m)
  }, 120_000)
})
