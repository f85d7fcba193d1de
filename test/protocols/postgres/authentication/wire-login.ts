import * as net from "node:net"
import * as tls from "node:tls"
import { readInt32, writeInt32 } from "../../../../core/bytes/index.ts"
import {
  Authentication,
  type AuthenticationStep
} from "../../../../protocols/postgres/authentication/authentication.ts"

/** How a login at a real server ended. */
export interface LoginResult {
  /** `ready` after ReadyForQuery; else what `Authentication` refused with, or the server's SQLSTATE. */
  readonly result: string
  /** The codes of the Authentication messages that came, in order. */
  readonly codes: ReadonlyArray<number>
}

/** Logs in over a real socket with nothing but `Authentication`. */
export const wireLogin = async (options: {
  readonly port: number
  readonly user: string
  readonly password: string
  readonly tls: boolean
  readonly random: (count: number) => Uint8Array
  readonly allowPlaintext?: boolean
  /** What comes in place of the certificate that the server showed. */
  readonly certificate?: Uint8Array
}): Promise<LoginResult> => {
  const plain = net.connect(options.port, "127.0.0.1")
  const socket = options.tls ? await encrypted(plain) : plain
  const certificate = socket instanceof tls.TLSSocket
    ? options.certificate ?? socket.getPeerX509Certificate()!.raw
    : undefined
  const { allowPlaintext = false, password, random, user } = options
  const authentication = new Authentication({ credential: { user, password }, random, certificate, allowPlaintext })
  socket.write(startup(user))
  const codes: Array<number> = []
  let received = Buffer.alloc(0)
  try {
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer])
      while (received.length >= 5 && received.length >= 1 + readInt32(received, 1)) {
        const end = 1 + readInt32(received, 1)
        const body = received.subarray(5, end)
        const type = String.fromCharCode(received[0]!)
        received = received.subarray(end)
        if (type === "Z") return { result: "ready", codes }
        if (type === "E") return { result: /C([0-9A-Z]{5})\0/.exec(body.toString("latin1"))![1]!, codes }
        if (type !== "R") continue
        codes.push(readInt32(body, 0))
        const step: AuthenticationStep = authentication.step(body)
        if (step._tag === "Refused") return { result: step.message, codes }
        if (step._tag === "Send") socket.write(step.message)
      }
    }
    return { result: "closed", codes }
  } finally {
    socket.destroy()
    plain.destroy()
  }
}

const encrypted = async (plain: net.Socket): Promise<tls.TLSSocket> => {
  plain.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))
  const answer = await new Promise<Buffer>((resolve) => plain.once("data", resolve))
  if (answer.toString() !== "S") throw new Error("The server has no TLS.")
  const socket = tls.connect({ socket: plain, rejectUnauthorized: false })
  await new Promise<void>((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject))
  return socket
}

const startup = (user: string): Buffer => {
  const message = Buffer.concat([Buffer.alloc(8), Buffer.from(`user\0${user}\0database\0postgres\0\0`)])
  writeInt32(message, 0, message.length)
  writeInt32(message, 4, 196608)
  return message
}
