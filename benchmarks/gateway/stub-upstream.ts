import { connect, createServer, type Socket } from "node:net"

/**
 * An upstream that costs next to nothing, so that what stands in front of it is what is measured.
 *
 * `node stub-upstream.ts PORT UPSTREAM_PORT PREFIX…` stands before a real PostgreSQL. Logins, and whatever it does not
 * know, it passes on. A statement that begins with one of the prefixes it asks the real server for once, and answers
 * from memory from then on, whatever values stand in it: so its answers are a real server's, byte for byte. The simple
 * protocol and the extended one are remembered apart. It says `ready` when it listens.
 */

const QUERY = 0x51
const PARSE = 0x50
const SYNC = 0x53
const READY = 0x5a

const [port, upstreamPort, ...texts] = process.argv.slice(2)
const prefixes = texts.map((text) => Buffer.from(text))
const answers = new Map<string, Buffer>()
const NONE: Buffer = Buffer.alloc(0)

/** A question up to its Query or Sync: which of the remembered ones it is, or undefined for any other. */
const keyOf = (question: Buffer): string | undefined => {
  const type = question[0]
  if (type !== QUERY && type !== PARSE) return undefined
  // Parse has its statement's name before the text; here that is always the unnamed one.
  const at = type === QUERY ? 5 : 6
  const index = prefixes.findIndex((prefix) => question.subarray(at, at + prefix.length).equals(prefix))
  return index < 0 ? undefined : type === QUERY ? `${index}` : `${index}${typesOf(question)}`
}

const typesOf = (question: Buffer): string => {
  let types = ""
  for (let at = 0; at < question.length; at += question.readUInt32BE(at + 1) + 1) types += question[at]! + " "
  return types
}

/** Whether messages end, whole, with one of `type`. */
const endsWith = (bytes: Buffer, type: number): boolean => {
  let at = 0
  let last = -1
  while (at + 5 <= bytes.length) {
    last = bytes[at]!
    at += bytes.readUInt32BE(at + 1) + 1
  }
  return at === bytes.length && last === type
}

const isWhole = (question: Buffer): boolean =>
  question[0] === QUERY
    ? question.length >= 5 && question.length === question.readUInt32BE(1) + 1
    : endsWith(question, SYNC)

const serve = (client: Socket): void => {
  const upstream = connect(Number(upstreamPort), "127.0.0.1")
  let loggedIn = false
  let asked: Buffer = NONE
  let learning: { readonly key: string; readonly parts: Array<Buffer> } | undefined
  client.setNoDelay(true)
  const ask = (question: Buffer): void => {
    const key = keyOf(question)
    const answer = key === undefined ? undefined : answers.get(key)
    if (answer !== undefined) return void client.write(answer)
    if (key !== undefined) learning = { key, parts: [] }
    upstream.write(question)
  }
  client.on("data", (chunk: Buffer) => {
    if (!loggedIn) return void upstream.write(chunk)
    asked = asked.length === 0 ? chunk : Buffer.concat([asked, chunk])
    const isKnown = asked[0] === QUERY || asked[0] === PARSE
    if (isKnown && !isWhole(asked)) return undefined
    const question = asked
    asked = NONE
    return ask(question)
  })
  upstream.on("data", (chunk: Buffer) => {
    // The first ReadyForQuery ends the login: it stands at the end of what the server says then.
    loggedIn ||= chunk.length >= 6 && chunk[chunk.length - 6] === READY
    if (learning !== undefined) {
      learning.parts.push(chunk)
      if (chunk[chunk.length - 6] === READY) {
        answers.set(learning.key, Buffer.concat(learning.parts))
        learning = undefined
      }
    }
    client.write(chunk)
  })
  for (const [one, other] of [[client, upstream], [upstream, client]] as const) {
    one.on("error", () => other.destroy()).on("close", () => other.destroy())
  }
}

createServer(serve).listen(Number(port), "127.0.0.1", () => console.log("ready"))
