import { spawn } from "node:child_process"
import * as net from "node:net"
import { fileURLToPath } from "node:url"
import { afterEach, describe, expect, it } from "vitest"
import { Listener } from "../../../core/transport/index.ts"
import { eventually } from "../../fixtures/line-gateway.ts"

const closing: Array<() => void> = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const connect = async (port: number): Promise<net.Socket> => {
  const socket = net.connect(port, "127.0.0.1")
  closing.push(() => socket.destroy())
  socket.on("error", () => {})
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject))
  return socket
}

describe("a listener", () => {
  it("says where it listens, hands over connections paused, and stops accepting when it is closed", async () => {
    const accepted: Array<net.Socket> = []
    const listener = await Listener.open({
      host: "127.0.0.1",
      port: 0,
      accept: (socket) => {
        closing.push(() => socket.destroy())
        accepted.push(socket)
      },
      trouble: () => {}
    })
    const client = await connect(listener.port)
    client.write("hello")
    await eventually("it is accepted", () => accepted.length === 1)
    expect(accepted[0]!.isPaused()).toBe(true)
    listener.close()
    await expect(connect(listener.port)).rejects.toThrow("ECONNREFUSED")
    expect(client.destroyed).toBe(false)
  })

  it("says what stands in its way", async () => {
    const first = await Listener.open({ host: "127.0.0.1", port: 0, accept: () => {}, trouble: () => {} })
    closing.push(() => first.close())
    await expect(Listener.open({ host: "127.0.0.1", port: first.port, accept: () => {}, trouble: () => {} }))
      .rejects.toThrow(`Cannot listen on 127.0.0.1:${first.port}: another program does already.`)
    await expect(Listener.open({ host: "203.0.113.7", port: 0, accept: () => {}, trouble: () => {} }))
      .rejects.toThrow("this machine has no such address")
  })

  it("closes a connection that cannot be taken over, and goes on", async () => {
    const troubles: Array<string> = []
    let fail = true
    const listener = await Listener.open({
      host: "127.0.0.1",
      port: 0,
      accept: (socket) => {
        if (fail) throw new Error("a bug")
        socket.end("fine")
      },
      trouble: (reason) => void troubles.push(reason)
    })
    closing.push(() => listener.close())
    const first = await connect(listener.port)
    await new Promise<void>((resolve) => first.once("close", () => resolve()).resume())
    expect(troubles).toEqual(["a connection could not be taken over"])
    fail = false
    const second = await connect(listener.port)
    expect(await new Promise((resolve) => second.once("data", (chunk) => resolve(String(chunk))))).toBe("fine")
  })

  it("survives running out of descriptors: sheds, does not spin, and accepts again", async () => {
    const script = fileURLToPath(new URL("../../fixtures/few-descriptors.ts", import.meta.url))
    const child = spawn("/bin/sh", ["-c", `ulimit -n 64; exec "$0" "$1"`, process.execPath, script], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    closing.push(() => child.kill("SIGKILL"))
    const said: Array<Record<string, number | string>> = []
    let rest = ""
    child.stdout.on("data", (chunk) => {
      rest += chunk
      for (let at = rest.indexOf("\n"); at >= 0; at = rest.indexOf("\n")) {
        said.push(JSON.parse(rest.slice(0, at)))
        rest = rest.slice(at + 1)
      }
    })
    await eventually("it listens", () => said.some((line) => "port" in line))
    const port = Number(said[0]!["port"])
    const crowd = await Promise.allSettled(Array.from({ length: 150 }, () => connect(port)))
    const shed = (): number => crowd.filter((member) => member.status === "fulfilled" && member.value.destroyed).length
    for (const member of crowd) if (member.status === "fulfilled") member.value.resume()
    await eventually("those that do not fit are closed", () => shed() > 80)
    expect(shed()).toBeLessThan(150)
    // For as long as the crowd stays, the child sums up how busy it is.
    await eventually("it has been full for a while", () => said.filter((line) => "busy" in line).length > 3)
    const busy = Number(said.findLast((line) => "busy" in line)!["busy"])
    expect(busy).toBeLessThan(0.7)
    for (const member of crowd) if (member.status === "fulfilled") member.value.destroy()
    let answer = ""
    for (let i = 0; i < 200 && answer !== "hello"; i++) {
      const late = await connect(port).catch(() => undefined)
      if (late === undefined) continue
      answer = await new Promise((resolve) =>
        late.once("data", (chunk) => resolve(String(chunk))).once("close", () => resolve(""))
      )
      late.destroy()
      if (answer === "") await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(answer).toBe("hello")
  })
})
