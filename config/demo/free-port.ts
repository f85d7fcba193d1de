import { randomInt } from "node:crypto"
import { createServer } from "node:net"

/** Above what services are known by, below what systems give to outgoing connections (Linux: from 32768 on). */
const FIRST = 20_000
const LAST = 32_000
const TRIES = 1000

/** What was named before: whoever asked may not listen yet. */
const named = new Set<number>()

/** A port of the loopback that nobody listens on now, and that this process has not named before. */
export const freePort = async (): Promise<number> => {
  for (let i = 0; i < TRIES; i++) {
    const port = randomInt(FIRST, LAST)
    if (named.has(port)) continue
    named.add(port)
    if (await isFree(port)) return port
  }
  throw new Error(`No port of 127.0.0.1 between ${FIRST} and ${LAST} is free.`)
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })
