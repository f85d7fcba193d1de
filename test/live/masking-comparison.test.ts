import { readFileSync } from "node:fs"
import type pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { client as say } from "../fixtures/client-messages.ts"
import { Live } from "../fixtures/live.ts"
import { askDirectly, otherMaskers } from "../fixtures/other-maskers.ts"
import { clerk, shop } from "../fixtures/shop.ts"
import { spellings } from "../fixtures/spellings.ts"
import { WireClient } from "../fixtures/wire-client.ts"

/** Spellings that only read, and stand for themselves: each can be asked of a database without a gateway too. */
const asked = spellings.filter(({ before = [], family, text }) =>
  /\(M0/.test(family) && before.length === 0 && /^(select|table|with|\/\*)/i.test(text)
  && !/insert|update|delete|pg_sleep|set_config/.test(text.replace(" for update", ""))
)

const PROTECTED = ["name", "email", "ssn", "phone", "born"]

/** Another shop whose protected values look just as such values do: no pattern fails for their looks. */
const lookalike: ReadonlyArray<string> = [
  "set session_replication_role = replica",
  "update customers set name = 'Bob Stone', email = 'bob@other.example', ssn = '457-55-5462', "
  + "phone = '+33 1 70189900', born = '1971-02-03' where id = 1",
  "update customers set name = 'Al Marsh', email = 'al.marsh@other.example', ssn = '112-44-7777', born = '2001-06-07' "
  + "where id = 2",
  "update customers set name = 'Cy Otherlastname', email = 'cy@other.example' where id = 3"
]

let live: Live
beforeAll(async () => {
  live = await Live.start(shop)
  await live.down()
  await live.direct((client) => client.query("create database twin template postgres"), "template1")
  await live.direct(async (client) => {
    for (const text of lookalike) await client.query(text)
  }, "twin")
  await live.up()
})
afterAll(() => live.stop())

const both = <A>(use: (client: pg.Client) => Promise<A>): Promise<[A, A]> =>
  Promise.all([live.direct(use), live.direct(use, "twin")])

/** A way leaks a spelling if two databases that differ in protected values only are told apart by its answers. */
const measured = async (): Promise<ReadonlyMap<string, number>> => {
  const [one, other] = await both(async (client) => {
    const { rows } = await client.query<{ readonly origin: string }>(
      "select attrelid::oid::text || '.' || attnum as origin from pg_attribute "
        + "where attrelid = 'customers'::regclass and attname = any ($1)",
      [PROTECTED]
    )
    const origins = new Set(rows.map(({ origin }) => origin))
    const answers = []
    for (const { text } of asked) answers.push(await askDirectly(client, text))
    return { maskers: otherMaskers(PROTECTED, origins), answers }
  })
  const leaks = new Map<string, number>()
  for (const [name, mask] of Object.entries(one.maskers)) {
    const told = asked.filter((_, index) =>
      JSON.stringify(mask(one.answers[index]!).rows)
        !== JSON.stringify(other.maskers[name]!(other.answers[index]!).rows)
      || JSON.stringify(mask(one.answers[index]!).error)
        !== JSON.stringify(other.maskers[name]!(other.answers[index]!).error)
    )
    leaks.set(name, told.length)
  }
  leaks.set("Sluice", await throughTheGateway())
  return leaks
}

const throughTheGateway = async (): Promise<number> => {
  const token = await live.token(clerk)
  const [one, other] = await Promise.all(["postgres", "twin"].map(async (database) => {
    const wire = await WireClient.login(live.port, token, { user: "app", database })
    const answers = []
    for (const { text } of asked) {
      const told = await wire.ask(say.query(text))
      answers.push(told.map(({ body, type }) => type + body.toString("latin1")).join("\n"))
    }
    wire.destroy()
    return answers
  }))
  return asked.filter((_, index) => one![index] !== other![index]).length
}

describe("ways to mask, measured on the same spellings", () => {
  it("tell two databases apart as often as the guide says", async () => {
    const leaks = await measured()
    const table = [...leaks].map(([name, count]) => `| ${name} | ${count} of ${asked.length} |`)
    const guide = readFileSync(new URL("../../docs/guide/masking.md", import.meta.url), "utf8")
      .replaceAll(/ +\|/g, " |")
    for (const line of table) expect(guide, table.join("\n")).toContain(line)
    expect(leaks.get("Sluice")).toBe(0)
  })
})
