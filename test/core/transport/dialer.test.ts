import * as net from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import { dialer, type Dialled } from "../../../core/transport/index.ts"
import { socketError } from "../../../core/transport/socket-error.ts"
import { eventually } from "../../fixtures/line-gateway.ts"

const closing: Array<() => void> = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const server = async (): Promise<
  { readonly port: number; readonly sockets: Array<net.Socket>; readonly close: () => void }
> => {
  const sockets: Array<net.Socket> = []
  const listening = net.createServer((socket) => void sockets.push(socket.on("error", () => {})))
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve))
  const close = (): void => {
    listening.close()
    for (const socket of sockets) socket.destroy()
  }
  closing.push(close)
  return { port: (listening.address() as net.AddressInfo).port, sockets, close }
}

const dial = (host: string, port: number, address?: string): Promise<Dialled> =>
  new Promise((resolve) => void dialer({ host, port, timeoutMilliseconds: 2000 })(resolve, address))

describe("a dialer", () => {
  it("connects, tries every address of a name, and says which one it was", async () => {
    const { port } = await server()
    for (const host of ["127.0.0.1", "localhost"]) {
      const dialled = await dial(host, port)
      if (!dialled.ok) throw new Error(dialled.reason)
      expect(dialled.address).toBe("127.0.0.1")
      dialled.socket.destroy()
    }
  })

  it("goes back to the address that it is told", async () => {
    const { port } = await server()
    const dialled = await dial("a-name-that-nobody-has.invalid", port, "127.0.0.1")
    if (!dialled.ok) throw new Error(dialled.reason)
    expect(dialled.address).toBe("127.0.0.1")
    dialled.socket.destroy()
  })

  it("says in words why an upstream cannot be reached", async () => {
    const { close, port } = await server()
    close()
    expect(await dial("127.0.0.1", port)).toEqual({
      ok: false,
      reason: `127.0.0.1:${port} cannot be reached: nothing listens there (ECONNREFUSED)`
    })
    const unknown = await dial("a-name-that-nobody-has.invalid", port)
    expect(unknown).toMatchObject({ ok: false, reason: expect.stringContaining("the name cannot be resolved") })
  })

  it("answers nothing once it was told to give up, and leaves no connection", async () => {
    const { port, sockets } = await server()
    const answers: Array<Dialled> = []
    dialer({ host: "127.0.0.1", port, timeoutMilliseconds: 2000 })((dialled) => void answers.push(dialled))()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(answers).toEqual([])
    await eventually("none is open", () => sockets.every((socket) => socket.destroyed || socket.readyState !== "open"))
  })
})

describe("the words for what went wrong", () => {
  it("never quote more than a code", () => {
    expect(socketError(Object.assign(new Error("secret"), { code: "ECONNRESET" }))).not.toContain("secret")
    expect(socketError(new Error("secret"))).toBe("an error without a code")
    expect(socketError("secret")).toBe("an error without a code")
    expect(socketError(Object.assign(new Error("x"), { code: "SELF_SIGNED_CERT_IN_CHAIN" })))
      .toBe("TLS failed: SELF_SIGNED_CERT_IN_CHAIN")
  })
})
