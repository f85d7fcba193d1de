import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { findCanary } from "../../core/testing/index.ts"
import { client as say } from "../fixtures/client-messages.ts"
import { Live } from "../fixtures/live.ts"
import { canaries, clerk, shop, twinShop } from "../fixtures/shop.ts"
import { type Spelling, spellings } from "../fixtures/spellings.ts"
import { type Told, WireClient } from "../fixtures/wire-client.ts"

let live: Live
beforeAll(async () => {
  live = await Live.start(shop)
  await live.down()
  await live.direct((client) => client.query("create database twin template postgres"), "template1")
  await live.direct(async (client) => {
    for (const text of twinShop) await client.query(text)
  }, "twin")
  await live.up()
})
afterAll(() => live.stop())

/** How a statement is asked. */
type Way = (wire: WireClient, text: string) => Promise<ReadonlyArray<Told>>

const bindTo = (format: 0 | 1): Uint8Array => say.raw("B", [0, 0, 0, 0, 0, 0, 0, 1, 0, format])

const WAYS: Readonly<Record<string, Way>> = {
  simple: (wire, text) => wire.ask(say.query(text)),
  prepared: (wire, text) =>
    wire.ask(say.parse("", text), say.describe("statement", ""), bindTo(0), say.execute(""), say.sync()),
  binary: (wire, text) =>
    wire.ask(say.parse("", text), bindTo(1), say.describe("portal", ""), say.execute(""), say.sync()),
  "a row at a time": (wire, text) =>
    wire.ask(say.parse("", text), bindTo(1), say.execute("", 1), say.execute("", 1), say.execute("", 2), say.sync()),
  cursor: async (wire, text) => [
    ...await wire.ask(say.query("begin")),
    ...await wire.ask(say.query(`declare hunted cursor for ${text}`)),
    ...await wire.ask(say.query("fetch 1 from hunted")),
    ...await wire.ask(say.query("fetch all hunted")),
    ...await wire.ask(say.query("rollback"))
  ],
  "COPY as text": (wire, text) => wire.ask(say.query(`copy (${text}) to stdout`)),
  "COPY as csv": (wire, text) =>
    wire.ask(say.query(`copy (${text}) to stdout with (format csv, header, force_quote *)`)),
  "COPY as binary": (wire, text) => wire.ask(say.query(`copy (${text}) to stdout with (format binary)`)),
  "create table as": async (wire, text) => [
    ...await wire.ask(say.query(`create temp table kept as ${text}`)),
    ...await wire.ask(say.query("select * from kept"))
  ]
}

interface Heard {
  readonly denied: boolean
  readonly bytes: Buffer
  readonly errors: ReadonlyArray<string>
}

/** Asks in a session of its own; what is said in a transaction is undone. */
const hear = async (database: string, { before = [], text }: Spelling, way: Way): Promise<Heard> => {
  const wire = await WireClient.login(live.port, token, { user: "app", database })
  const from = wire.bytes.length
  for (const first of before) await wire.ask(say.query(first))
  const told = await way(wire, text)
  const heard = {
    denied: told.some(({ type }) => type === "E") || wire.isClosed,
    bytes: wire.bytes.subarray(from),
    errors: wire.errors
  }
  wire.destroy()
  return heard
}

let token: string
beforeAll(async () => {
  token = await live.token(clerk)
})

const shown = (bytes: Buffer): string => bytes.toString("latin1").replaceAll(/[^ -~]+/g, ".")

const hunt = async (spelling: Spelling, way: string) => {
  const [one, other] = await Promise.all([
    hear("postgres", spelling, WAYS[way]!),
    hear("twin", spelling, WAYS[way]!)
  ])
  const found = canaries.filter((canary) => findCanary(one.bytes, canary) !== undefined && !text(spelling, canary))
  expect(found, `${way}: ${shown(one.bytes)}`).toEqual([])
  expect(shown(one.bytes), way).toBe(shown(other.bytes))
  return one
}

/** What answers no rows cannot be wrapped; and what is refused needs fewer ways. */
const waysOf = ({ expected, text }: Spelling): ReadonlyArray<string> => {
  if (!/^(select|with|table|\(|\/)/i.test(text) || text.includes("; ")) return ["simple", "prepared"]
  return expected === "denied" ? ["simple", "prepared", "cursor", "COPY as text"] : Object.keys(WAYS)
}

/** The caller's own words do not count when they come back. */
const text = ({ before = [], text }: Spelling, canary: string): boolean => [...before, text].join().includes(canary)

describe.each(Object.entries(Object.groupBy(spellings, ({ family }) => family)))("%s", (_family, members) => {
  it.each(members!.map((spelling) => [spelling.name, spelling] as const))("%s", async (_name, spelling) => {
    const ways = waysOf(spelling)
    const all = await Promise.all(ways.map((way) => hunt(spelling, way)))
    for (const [index, way] of ways.entries()) {
      const heard = all[index]!
      if (way === "simple" || way === "prepared") {
        const several = spelling.text.includes(";") && way === "prepared"
        if (spelling.expected === "denied") expect(heard.denied, `${way}: ${shown(heard.bytes)}`).toBe(true)
        if (spelling.expected === "masked" && !several) expect(heard.errors, way).toEqual([])
      }
    }
  })
})
