import fc from "fast-check"
import type { Operation } from "sluice"
import { defaultLimits, type Side } from "sluice/protocol"
import type { AnswerRead, FakeUpstream, Subject } from "sluice/testing"
import { analyser } from "./lines.ts"
import { LinesCodec } from "./lines-codec.ts"
import type { Ask, Lines } from "./lines-family.ts"

const bytes = (text: string): Uint8Array => Buffer.from(text)
const peer = { address: "127.0.0.1", port: 1, encrypted: false }

/** A server in ten lines: every name has a value that is its own length. */
const server = (): FakeUpstream => {
  const effects: Array<string> = []
  const answer = (line: string): string => {
    if (line.startsWith("LOGIN ")) return "OK\n"
    const name = line.split(" ")[1] ?? ""
    effects.push(name)
    return name.startsWith("bad") ? "! missing\n" : `= ${name.length}\n`
  }
  let unread = ""
  return {
    effects,
    receive(chunk) {
      const lines = (unread + Buffer.from(chunk).toString()).split("\n")
      unread = lines.pop() ?? ""
      return bytes(lines.map(answer).join(""))
    }
  }
}

const word = fc.stringMatching(/^[a-z]{1,12}$/)
const line = fc.tuple(fc.constantFrom("GET", "PUT"), word).map(([verb, name]) => `${verb} ${name}\n`)
const strange = fc.tuple(fc.constantFrom<Side>("downstream", "upstream"), fc.stringMatching(/^[#-~]{1,9}$/))

/** What the suites need to know of the protocol. */
export const subject: Subject<Lines> = {
  name: "lines",
  codec: () =>
    new LinesCodec({
      session: { id: "s", pipeline: "p", peer, now: () => 0 },
      limits: { ...defaultLimits, messageBytesMax: 4096 },
      tls: { downstream: "off", upstream: "off" },
      random: (count) => new Uint8Array(count)
    }),
  analyser: () => analyser,
  upstream: server,
  login: [bytes("LOGIN ann token\n")],
  scripts: fc.array(fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => bytes(lines.join(""))), {
    maxLength: 6
  }),
  operation: (label) => bytes(`GET ${label}\n`),
  readAnswers: (read) =>
    Buffer.from(read).toString().split("\n").filter((one) => one !== "")
      .map((one): AnswerRead => one.startsWith("=") ? "answered" : "refused"),
  labelOf: (operation: Operation) => (operation as Ask).line.split(" ")[1] ?? "",
  unasked: fc.nat().map((value) => bytes(`= ${value}\n`)),
  unknown: strange.map(([side, text]) => ({ side, bytes: bytes(`${text} x\n`) }))
}
