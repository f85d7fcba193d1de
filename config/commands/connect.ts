import { existsSync } from "node:fs"
import type { AddressInfo, Server } from "node:net"
import { type Arguments, type Command, misuseOf, type Surroundings } from "../command.ts"
import { connectTarget } from "../connect/connect-target.ts"
import { type LocalAddress, openDoor } from "../connect/local-door.ts"
import { Passage } from "../connect/passage.ts"
import { canTellPeers } from "../connect/peer-uid.ts"
import { freshLogin } from "../login/fresh.ts"
import { LoginFailed } from "../login/login-failed.ts"
import { targetOf, targetOptions } from "../login/login-target.ts"
import { Shelf } from "../login/shelf.ts"
import { isLoopback, parseAddress } from "../schema/index.ts"
import { absolute } from "../site.ts"

const { issuer, "client-id": clientId, config } = targetOptions

/** `sluice connect PIPELINE`: a local port that logs in with the kept token, until it is told to stop. */
export const connect: Command = {
  name: "connect",
  about: "open a local port that logs clients in with the token of `sluice login`",
  details: "Any client then connects without a password: psql -h 127.0.0.1 -p PORT. The port is for you alone: other\n"
    + "users of this machine are turned away on Linux; elsewhere use --socket, a file that only you can open.",
  positionals: ["PIPELINE"],
  options: {
    listen: { type: "string", value: "ADDRESS", about: "host:port on the loopback; port 0 is any (127.0.0.1:0)" },
    socket: { type: "string", value: "PATH", about: "a socket file instead; for psql: DIRECTORY/.s.PGSQL.5432" },
    gateway: { type: "string", value: "ADDRESS", about: "host:port of the pipeline; the file's unless told" },
    authority: { type: "string", value: "FILE", about: "PEM of who signs the gateway's certificate; the system's" },
    cleartext: { type: "boolean", about: "without TLS, to a gateway on this machine" },
    issuer: issuer!,
    "client-id": clientId!,
    config: config!
  },
  run: async (args, io) => {
    const at = localAddress(args, io)
    if (typeof at === "string") return misuse(io, at)
    const target = await connectTarget(args, io)
    if (typeof target === "string") return misuse(io, target)
    const shelf = new Shelf()
    try {
      const who = await targetOf(loginOnly(args), io, shelf)
      if (typeof who === "string") return misuse(io, who)
      await freshLogin(shelf, who)
      const route = {
        ...target,
        connector: () => target.protocol.connector!({ tls: target.tls }),
        token: async () => (await freshLogin(shelf, who)).token,
        report: (why: string) => io.err(`sluice connect: ${why}`)
      }
      const server = await openDoor(at, (client) => void new Passage(client, route))
      announce(server, io)
      await stopped(server)
      return 0
    } catch (cause) {
      const failed = cause instanceof LoginFailed ? cause.message : refusedAddress(cause)
      if (failed === undefined) throw cause
      io.err(`sluice connect: ${failed}`)
      return 1
    }
  }
}

/** The options that `connect` leaves out of a login count as not given. */
const loginOnly = (args: Arguments): Arguments => ({ ...args, flag: (name) => name !== "id-token" && args.flag(name) })

const localAddress = (args: Arguments, io: Surroundings): LocalAddress | string => {
  const [path, listen] = [args.text("socket"), args.text("listen")]
  if (path !== undefined && listen !== undefined) return "--listen and --socket do not go together."
  if (path !== undefined) {
    const full = absolute(io.directory, path)
    return existsSync(full) ? `${path} is there already: remove it.` : { path: full }
  }
  const at = parseAddress(listen ?? "127.0.0.1:0", false)
  if (at?.port === undefined || !isLoopback(at.host)) return "--listen is host:port on the loopback: 127.0.0.1:0."
  // A name could lead elsewhere.
  return { host: at.host === "localhost" ? "127.0.0.1" : at.host, port: at.port }
}

const announce = (server: Server, io: Surroundings): void => {
  const at = server.address() as AddressInfo | string
  if (typeof at === "string") return io.out(`listening on ${at}`)
  const host = at.family === "IPv6" ? `[${at.address}]` : at.address
  io.out(`listening on ${host}:${at.port}`)
  if (!canTellPeers) io.err("This system does not tell whose a connection is: every user of it can use this port.")
}

/** Resolves when the process is told to stop: no new connections, and the open ones end with it. */
const stopped = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const stop = (): void => {
      server.close()
      resolve()
      setTimeout(() => process.exit(0), 200).unref()
    }
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop)
  })

const refusedAddress = (cause: unknown): string | undefined => {
  const { code, syscall } = cause as NodeJS.ErrnoException
  return syscall === "listen" ? `it cannot listen there: ${code}.` : undefined
}

const misuse = misuseOf("connect")
