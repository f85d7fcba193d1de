import { connect, isIP, type Socket } from "node:net"
import * as tls from "node:tls"
import type { Connector, ConnectorStep, Side } from "../../core/protocol/index.ts"
import { LoginFailed } from "../login/login-failed.ts"

/** Where connections lead, and what they need there. */
export interface Route {
  readonly host: string
  readonly port: number
  readonly tls: "off" | "required"
  /** PEM of the authorities to trust; the system's when undefined. */
  readonly authority: string | undefined
  readonly connector: () => Connector
  /** A token that can be used now. Fails with `LoginFailed`. */
  readonly token: () => Promise<string>
  readonly report: (why: string) => void
}

const LOGIN_MILLISECONDS_MAX = 60_000

/** One client's connection: logged in by the connector, and then passed on, each side as fast as the other takes it. */
export class Passage {
  private readonly client: Socket
  private readonly route: Route
  private readonly connector: Connector
  private gateway: Socket | undefined
  private readonly timer: NodeJS.Timeout

  constructor(client: Socket, route: Route) {
    this.client = client
    this.route = route
    this.connector = route.connector()
    this.timer = setTimeout(() => this.end(), LOGIN_MILLISECONDS_MAX)
    client.on("data", this.heard.downstream)
    client.on("error", () => this.end()).on("close", () => this.end())
  }

  private readonly heard = {
    downstream: (chunk: Buffer): void => this.receive("downstream", chunk),
    upstream: (chunk: Buffer): void => this.receive("upstream", chunk)
  }

  private receive(side: Side, chunk: Uint8Array): void {
    this.connector.receive(side, chunk)
    this.turn()
  }

  private turn(): void {
    const step = this.connector.next()
    this.flush()
    if (step !== undefined) this.take(step)
  }

  private flush(): void {
    for (const [side, socket] of [["downstream", this.client], ["upstream", this.gateway]] as const) {
      if (socket === undefined) continue
      for (let bytes = this.connector.transmit(side); bytes !== undefined; bytes = this.connector.transmit(side)) {
        socket.write(bytes)
      }
    }
  }

  private take(step: ConnectorStep): void {
    switch (step._tag) {
      case "Dial":
        this.client.pause()
        return this.dial()
      case "Upgrade":
        return this.upgrade()
      case "Token":
        return void this.bringToken()
      case "Pipe":
        return this.pipe()
      case "Close":
        return this.close()
    }
  }

  private dial(): void {
    const { host, port } = this.route
    const socket = connect({ host, port, autoSelectFamily: true, noDelay: true, keepAlive: true })
    this.listen(socket)
    socket.once("connect", () => {
      this.connector.dialled()
      socket.on("data", this.heard.upstream)
      this.turn()
    })
  }

  private upgrade(): void {
    const { authority, host } = this.route
    const plain = this.gateway!
    plain.off("data", this.heard.upstream)
    const socket = tls.connect({
      socket: plain,
      host,
      minVersion: "TLSv1.2",
      ca: authority ?? [...tls.getCACertificates("default"), ...tls.getCACertificates("system")],
      ALPNProtocols: ["postgresql"],
      ...(isIP(host) === 0 ? { servername: host } : {})
    })
    this.listen(socket)
    socket.once("secureConnect", () => {
      this.connector.secured()
      socket.on("data", this.heard.upstream)
      this.turn()
    })
  }

  private listen(socket: Socket): void {
    this.gateway = socket
    socket.on("error", (error: NodeJS.ErrnoException) => this.refuse(`The gateway cannot be reached: ${error.code}.`))
    socket.on("close", () => {
      if (this.gateway === socket) this.client.end()
    })
  }

  private async bringToken(): Promise<void> {
    try {
      this.connector.token(await this.route.token())
      this.turn()
    } catch (cause) {
      this.refuse(cause instanceof LoginFailed ? cause.message : "The kept login cannot be read.")
    }
  }

  private refuse(why: string): void {
    this.route.report(why)
    this.connector.refuse(why)
    this.turn()
  }

  private pipe(): void {
    const gateway = this.gateway!
    clearTimeout(this.timer)
    this.client.off("data", this.heard.downstream)
    gateway.off("data", this.heard.upstream)
    this.client.pipe(gateway)
    gateway.pipe(this.client)
  }

  private close(): void {
    if (this.gateway === undefined || this.gateway.destroyed) this.client.end()
    else this.gateway.end()
    // What it still says is not kept.
    this.client.off("data", this.heard.downstream).resume()
  }

  private end(): void {
    clearTimeout(this.timer)
    this.gateway?.destroy()
    this.client.destroy()
  }
}
