import * as net from "node:net"
import { readInt32, writeInt32 } from "../../../../core/bytes/index.ts"

interface Message {
  readonly type: string
  /** The whole message. */
  readonly whole: Buffer
}

/** A bare connection to a server that trusts us, on which COPY's messages can be seen as they are. */
export class CopySession {
  private readonly socket: net.Socket
  private received: Buffer = Buffer.alloc(0)
  private readonly messages: Array<Message> = []
  private wake: (() => void) | undefined

  private constructor(socket: net.Socket) {
    this.socket = socket.setNoDelay(true)
    socket.on("data", (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk])
      while (this.received.length >= 5 && this.received.length >= 1 + readInt32(this.received, 1)) {
        const end = 1 + readInt32(this.received, 1)
        // Asked for a password, it gives one.
        if (this.received[0] === 0x52 && readInt32(this.received, 5) === 3) this.send("p", Buffer.from("secret\0"))
        this.messages.push({ type: String.fromCharCode(this.received[0]!), whole: this.received.subarray(0, end) })
        this.received = this.received.subarray(end)
      }
      this.wake?.()
    })
  }

  static async open(port: number): Promise<CopySession> {
    const session = new CopySession(net.connect(port, "127.0.0.1"))
    const startup = Buffer.concat([
      Buffer.alloc(8),
      Buffer.from("user\0postgres\0database\0postgres\0client_encoding\0UTF8\0\0")
    ])
    writeInt32(startup, 0, startup.length)
    writeInt32(startup, 4, 196608)
    session.socket.write(startup)
    await session.until("Z")
    return session
  }

  /** The CopyData messages of a COPY TO STDOUT, whole. */
  async copyOut(text: string): Promise<ReadonlyArray<Uint8Array>> {
    this.send("Q", Buffer.from(text + "\0"))
    return (await this.until("Z")).filter(({ type }) => type === "d").map(({ whole }) => whole)
  }

  /** Sends `data`, whole CopyData messages, into a COPY FROM STDIN. */
  async copyIn(text: string, data: Uint8Array): Promise<void> {
    this.send("Q", Buffer.from(text + "\0"))
    await this.until("G", "Z")
    this.socket.write(data)
    this.send("c", Buffer.alloc(0))
    await this.until("Z")
  }

  /** The rows of a result, as text. */
  async query(text: string): Promise<ReadonlyArray<ReadonlyArray<string | null>>> {
    this.send("Q", Buffer.from(text + "\0"))
    return (await this.until("Z")).filter(({ type }) => type === "D").map(({ whole }) => {
      const row: Array<string | null> = []
      for (let at = 7; at < whole.length;) {
        const length = readInt32(whole, at)
        at += 4
        row.push(length < 0 ? null : whole.toString("utf8", at, at + length))
        at += Math.max(0, length)
      }
      return row
    })
  }

  close(): void {
    this.socket.destroy()
  }

  private send(type: string, payload: Uint8Array): void {
    const message = Buffer.concat([Buffer.from(type + "\0\0\0\0"), payload])
    writeInt32(message, 1, message.length - 1)
    this.socket.write(message)
  }

  /** Everything up to the first message of one of `types`. An ErrorResponse is thrown once the server is ready. */
  private async until(...types: ReadonlyArray<string>): Promise<ReadonlyArray<Message>> {
    const seen: Array<Message> = []
    for (;;) {
      const next = this.messages.shift()
      if (next === undefined) {
        await new Promise<void>((resolve) => this.wake = resolve)
        continue
      }
      seen.push(next)
      if (!types.includes(next.type)) continue
      const failed = seen.find(({ type }) => type === "E")
      if (failed !== undefined) throw new Error(failed.whole.toString("utf8", 5).replaceAll("\0", " "))
      return seen
    }
  }
}
