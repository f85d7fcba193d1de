import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Live, type LiveOptions } from "../fixtures/live.ts"

const mails = Array.from({ length: 10 }, (_, i) => `(${i}, 'canary-${i}@mail.example')`).join(", ")
const options = (detect: string): LiveOptions => ({
  schema: [
    "create table customers (id int primary key, email text)",
    "insert into customers values (1, 'canary@mail.example')",
    "create table contacts (id int primary key, c1 text)",
    `insert into contacts values ${mails}, (10, 'ask canary reception')`,
    "create table tickets (id int primary key, body text, extra jsonb, notes text[], total int8)",
    `insert into tickets values (1, 'call +49 30 901820, card 4111 1111 1111 1111', '{"by": "canary@mail.example", "n": 1.50}',
      array['fine', 'canary@mail.example'], 4111111111111111), (2, 'nothing here', '{}', null, 7)`,
    "create unique index on contacts (c1)"
  ],
  residency: `  otherwise: allow
  zones: { eu: { includes: [de] } }
  data_sets:
    customers:
      home: [eu]
      on: { orders: { tables: { public.customers: { email: email } } } }
  parties:
    all: { match: { subject: "*" }, at: de, clearance: [eu] }`,
  plugins: [
    "{ use: identity }",
    "{ use: residency }",
    `{ use: masking, with: { detect: ${detect}, reveal_to_group: dpo } }`,
    "{ use: recording, with: { answers: true } }"
  ],
  services: "  state: { use: sqlite, with: { path: ./state.db } }"
})
const clerk = { sub: "clerk" }
const MAIL = "****@****.***"

let live: Live
beforeAll(async () => {
  live = await Live.start(options("balanced"))
}, 120_000)
afterAll(() => live?.stop())

const rows = (text: string, caller: { sub: string; groups?: ReadonlyArray<string> } = clerk) =>
  live.as(caller, async (client) => (await client.query({ text, rowMode: "array" })).rows)

describe("balanced", () => {
  it("masks spans in texts, JSON and arrays, and leaves the rest", async () => {
    expect(await rows("select body, extra, notes, total from tickets order by id")).toEqual([
      ["call ***-***-****, card ****-****-****-****", { by: MAIL, n: 1.5 }, ["fine", MAIL], "4111111111111111"],
      ["nothing here", {}, null, "7"]
    ])
    expect(await rows("select lower(c1), email from contacts, customers where contacts.id = 3")).toEqual([[MAIL, MAIL]])
  })

  it("does so in prepared statements and in COPY", async () => {
    await live.as(clerk, async (client) => {
      const prepared = { text: "select c1 from contacts where id = $1", values: [4], rowMode: "array" as const }
      expect((await client.query(prepared)).rows).toEqual([[MAIL]])
    })
    for (const format of ["text", "csv"]) {
      const { stdout } = await live.psql(
        clerk,
        `copy (select id, c1 from contacts where id < 2) to stdout (format ${format})`
      )
      expect(stdout.trim().split("\n").map((line) => line.slice(2))).toEqual([MAIL, MAIL])
    }
    const { stdout } = await live.psql(clerk, "copy (select c1 from contacts where id < 2) to stdout (format binary)")
    expect(stdout).toContain(MAIL)
    expect(stdout).not.toContain("canary")
  })

  it("masks what an error quotes", async () => {
    const refused = live.as(
      clerk,
      (client) => client.query("insert into contacts values (99, 'canary-1@mail.example')")
    )
    await expect(refused).rejects.toMatchObject({ code: "23505", detail: expect.not.stringContaining("canary") })
  })

  it("shows everything to whom the file reveals", async () => {
    expect(await rows("select c1 from contacts where id = 3", { sub: "ann", groups: ["dpo"] })).toEqual([
      ["canary-3@mail.example"]
    ])
  })

  it("leaves psql's own questions alone", async () => {
    const { status, stdout } = await live.psql(clerk, "\\d tickets")
    expect([status, stdout]).toEqual([0, expect.stringContaining("notes")])
    expect(stdout).not.toContain("****")
  })
})

describe("strict", () => {
  beforeAll(async () => {
    await live.down()
    live.configure(options("strict"))
    await live.up()
  }, 60_000)

  it("knows a column once it has seen it, from the first row, for others, and after a restart", async () => {
    expect(await rows("select c1 from contacts where id = 10")).toEqual([["ask canary reception"]])
    expect(await rows("select c1 from contacts where id < 10 order by id")).toEqual(
      Array.from({ length: 10 }, () => [MAIL])
    )
    expect(await rows("select c1 as harmless from contacts where id = 10", { sub: "other" })).toEqual([[MAIL]])
    await live.down()
    await live.up()
    expect(await rows("select c1 from contacts where id = 10")).toEqual([[MAIL]])
    const { stdout } = await live.psql(clerk, "copy (select c1 from contacts where id = 10) to stdout")
    expect(stdout.trim()).toBe(MAIL)
  }, 60_000)

  it("learns a table that is made anew afresh", async () => {
    await live.direct(async (client) => {
      await client.query("drop table contacts; create table contacts (id int primary key, c1 text)")
      await client.query("insert into contacts values (1, 'green'), (2, 'blue')")
    })
    expect(await rows("select c1 from contacts order by id")).toEqual([["green"], ["blue"]])
  })

  it("lets nothing of it into the record", async () => {
    await live.down()
    const { stdout } = await live.sluice("sessions", "export", "--config", live.file, "--format", "jsonl")
    expect(stdout.includes("\"operation\"")).toBe(true)
    // Only 3 was shown to anybody, and 1 was asked for.
    expect(stdout.includes("canary-3@mail.example")).toBe(true)
    expect(stdout.includes("canary-7")).toBe(false)
  })
})
