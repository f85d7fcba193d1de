import { createServer, type Server, type Socket } from "node:net"
import { canTellPeers, peerUid } from "./peer-uid.ts"

/** A port of the loopback, or the path of a socket file. */
export type LocalAddress = { readonly host: string; readonly port: number } | { readonly path: string }

const CONNECTIONS_MAX = 256

/**
 * Opens the local side for this user alone: a socket file with mode 0600, or a port at which connections of other users
 * are closed, where the system tells whose they are.
 */
export const openDoor = (at: LocalAddress, enter: (client: Socket) => void): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
      client.on("error", () => client.destroy())
      void mayEnter(client).then((may) => {
        if (may) enter(client)
        else client.destroy()
        client.resume()
      })
    })
    server.maxConnections = CONNECTIONS_MAX
    server.once("error", reject)
    // The file is never there with another mode: others could connect before it was changed.
    const mask = "path" in at ? process.umask(0o177) : undefined
    server.listen({ ...at, exclusive: true }, () => resolve(server))
    if (mask !== undefined) process.umask(mask)
  })

const mayEnter = async (client: Socket): Promise<boolean> => {
  const { localAddress, localPort, remoteAddress, remotePort } = client
  if (localAddress === undefined || localPort === undefined) return true
  if (remoteAddress === undefined || remotePort === undefined) return false
  if (!canTellPeers) return true
  const here = { address: localAddress, port: localPort }
  const uid = await peerUid({ address: remoteAddress, port: remotePort }, here).catch(() => undefined)
  return uid === process.getuid!()
}
