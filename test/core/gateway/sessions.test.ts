import { afterEach, describe, expect, it } from "vitest"
import { LineClient } from "../../fixtures/line-client.ts"
import { eventually, linePipeline, linePlan, runGateway, type RunningGateway } from "../../fixtures/line-gateway.ts"
import { LineServer } from "../../fixtures/line-server.ts"

const closing: Array<() => unknown> = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

const upstream = async (): Promise<LineServer> => {
  const server = await LineServer.open()
  closing.push(() => server.close())
  return server
}

const serve = async (...plan: Parameters<typeof linePlan>): Promise<RunningGateway> => {
  const running = await runGateway(linePlan(...plan))
  closing.push(running.close)
  return running
}

const connect = async (port: number): Promise<LineClient> => {
  const client = await LineClient.connect(port)
  closing.push(() => client.close())
  return client
}

describe("a session", () => {
  it("logs in at the upstream with the gateway's credential and relays questions and answers", async () => {
    const server = await upstream()
    const gateway = await serve([linePipeline(server.port)])
    const client = await connect(gateway.port())
    await client.login()
    expect(await client.ask("ECHO hello")).toEqual(["- ECHO hello", ". ok"])
    expect(await client.ask("READ 3 10")).toEqual(["- xxxxxxx", "- xxxxxxx", "- xxxxxxx", ". ok"])
    expect(server.lines[0]).toBe("LOGIN gateway hunter2 ")
    client.send("QUIT\n")
    expect(await client.whole()).toBe("")
    await eventually("the upstream's connection closes", () => server.sockets.size === 0)
  })
})
