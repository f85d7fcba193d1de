import type pg from "pg"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readRecords } from "../../plugins/services/ledger/index.ts"
import { client as say } from "../fixtures/client-messages.ts"
import { Live, type LiveOptions } from "../fixtures/live.ts"
import { clerk, shop } from "../fixtures/shop.ts"
import { WireClient } from "../fixtures/wire-client.ts"

const residency = shop.residency.replace("public.prices: {}", "public.prices: {}\n            public.people: {}")

/** The shop, with these options of masking. */
const shopWith = (options: string): LiveOptions => ({
  ...shop,
  residency,
  plugins: ["{ use: identity }", "{ use: residency }", `{ use: masking, with: { ${options} } }`, "{ use: recording }"]
})

let live: Live
beforeAll(async () => {
  live = await Live.start({ ...shop, residency, schema: [...shop.schema, ...MORE] })
})
afterAll(() => live.stop())

const MORE: ReadonlyArray<string> = [
  "create view people as select id, name as who, upper(email) as shout, city from customers",
  "create function initials(customers) returns text language sql stable as 'select left($1.name, 1)'",
  "create function city_of(int) returns text language sql stable as 'select city from customers where id = $1'"
]

interface Told {
  readonly rows: ReadonlyArray<ReadonlyArray<unknown>>
  readonly types: ReadonlyArray<string>
  readonly notices: ReadonlyArray<string>
}

const query = (text: string, values?: Array<unknown>) => ({
  text,
  rowMode: "array" as const,
  ...(values === undefined ? {} : { values })
})

const ask = async (client: pg.Client, text: string, values?: Array<unknown>): Promise<Told> => {
  const notices: Array<string> = []
  const hear = (notice: { readonly message?: string | undefined }) => notices.push(notice.message ?? "")
  client.on("notice", hear)
  try {
    const { fields, rows } = await client.query(query(text, values))
    const types = fields.map(({ dataTypeID, dataTypeModifier, name }) => `${name} ${dataTypeID} ${dataTypeModifier}`)
    return { rows: rows as unknown as Told["rows"], types, notices }
  } finally {
    client.off("notice", hear)
  }
}

const through = (text: string, values?: Array<unknown>): Promise<Told> =>
  live.as(clerk, (client) => ask(client, text, values))

const refused = async (text: string): Promise<{ readonly message: string; readonly hint: string }> =>
  live.as(clerk, async (client) => {
    try {
      await client.query(text)
    } catch (error) {
      const { code, hint = "", message } = error as { code?: string; hint?: string; message: string }
      expect(code).toBe("42501")
      return { message, hint }
    }
    throw new Error(`It ran: ${text}`)
  })

/** What ordinary work asks, and what comes of it for one who sees masks. */
const ordinary: ReadonlyArray<readonly [text: string, rows: ReadonlyArray<ReadonlyArray<unknown>>]> = [
  ["select upper(ssn) from customers order by id", [["***-**-****"], ["***-**-****"], [null]]],
  ["select id, ssn || 'x' from customers where id = 1", [[1, "***-**-****x"]]],
  ["select coalesce(phone, 'none') from customers order by id", [["***-***-****"], ["none"], ["***-***-****"]]],
  ["select concat_ws(', ', name, city) from customers where id = 2", [["****, Lyon"]]],
  ["select count(ssn), count(*) from customers", [["2", "3"]]],
  ["select id from customers where ssn is null", [[3]]],
  ["select id, born is not null from customers order by id", [[1, true], [2, true], [3, false]]],
  ["select extract(year from born) is null from customers order by id", [[false], [false], [true]]],
  ["select row_to_json(c) ->> 'name' from customers c where id = 1", [["****"]]],
  ["select (to_jsonb(c) - 'since') ->> 'city' from customers c where id = 1", [["Berlin"]]],
  ["select json_agg(json_build_object('id', id, 'n', name) order by id) -> 1 from customers", [[{ id: 2, n: "****" }]]],
  ["select (c).email from customers c where id = 1", [["****@****.***"]]],
  ["select (select upper(name) from customers where id = i.customer) from invoices i where i.id = 1", [["****"]]],
  [
    "with shown as (select id, lower(email) as mail from customers) select mail from shown where id = 1",
    [["****@****.***"]]
  ],
  ["select who || '!', shout, city from people where id = 1", [["****!", "****@****.***", "Berlin"]]],
  [
    "select c.city, string_agg(c.city || '/' || left(c.name, 1), ',') from customers c "
    + "join invoices i on i.customer = c.id where i.id = 3 group by c.city",
    [["Berlin", "Berlin/*"]]
  ],
  [
    "select c.id, left(c.name, 2), count(i.id), c.city from customers c left join invoices i on i.customer = c.id "
    + "group by c.id order by c.id",
    [[1, "**", "66", "Berlin"], [2, "**", "67", "Lyon"], [3, "**", "67", null]]
  ],
  ["select name from customers union all select 'nobody'", [["****"], ["****"], ["****"], ["nobody"]]],
  ["select l.n from customers c, lateral (select upper(c.name) as n) l where c.id = 1", [["****"]]],
  ["select substr(email, 1, 4) from customers where id = 1 for update", [["****"]]],
  ["select public.customers.name || '' from public.customers where public.customers.id = 1", [["****"]]],
  ["select initials(c) from customers c where id = 1", [["*"]]],
  ["select city_of(1)", [["Berlin"]]]
]

describe("ordinary work on protected columns", () => {
  it.each(ordinary)("%s", async (text, rows) => {
    const simple = await through(text)
    expect(simple.rows).toEqual(rows)
    expect((await through(text, [])).rows).toEqual(rows)
    // The same types and modifiers as without a gateway.
    const direct = await live.direct((client) => ask(client, text))
    expect(simple.types).toEqual(direct.types)
  })

  it("takes parameters, by name and many times", () =>
    live.as(clerk, async (client) => {
      for (const id of [1, 2, 1]) {
        const { rows } = await client.query({
          name: "again",
          text: "select upper(name), id from customers where id = $1",
          values: [id]
        })
        expect(rows).toEqual([{ upper: "****", id }])
      }
    }))

  it.each([
    ["a condition", "select id from customers where ssn = 'x'", /compared in a condition/],
    ["a sort by what is computed", "select id from customers order by upper(ssn)", /sorted by/],
    ["a write", "insert into scratch select upper(name), 1 from customers", /written elsewhere/],
    [
      "the target's RETURNING",
      "update customers set city = city where id = 1 returning upper(ssn)",
      /not named in FROM/
    ],
    ["a plan", "explain select upper(ssn) from customers", /explained/],
    ["a system column beside it", "select ctid, upper(ssn) from customers", /ctid/]
  ])("is refused with the reason for %s", async (_name, text, reason) => {
    const { hint, message } = await refused(text)
    expect(message).toMatch(reason)
    expect(message).toContain("public.customers")
    expect(hint).not.toBe("")
  })
})

describe("what is told of a rewriting", () => {
  it("comes as a notice, once, and stands in the record beside what was asked", async () => {
    const text = "select reverse(name) from customers where id = 1"
    const { notices } = await through(text, [])
    expect(notices).toHaveLength(1)
    expect(notices[0]).toMatch(
      /^Ran with masks in place of protected columns, as: select reverse\(name\) from \(select/
    )
    expect((await through("select name from customers")).notices).toEqual([])
    const bodies = [...readRecords(live.ledger)].map(({ body }) => body as Record<string, any>)
    const record = bodies.findLast((body) => body["asked"]?.text?.includes("reverse(name)"))
    expect(record?.["text"]).toContain("case when \"name\" is null")
  })

  it("leaves no position of a text that the client did not write", () =>
    live.as(clerk, async (client) => {
      const asked = async (text: string) => client.query(text).then(() => undefined, (error: unknown) => error)
      expect(await asked("select ssn::int from customers")).toMatchObject({ code: "22P02", position: undefined })
    }))

  it("can be switched off", async () => {
    await restart("notices: false")
    expect((await through("select reverse(name) from customers where id = 1")).notices).toEqual([])
  })
})

const restart = async (options: string): Promise<void> => {
  await live.down()
  live.configure(shopWith(options))
  await live.up()
}

describe("derived: deny", () => {
  it("refuses what is computed, and counts", async () => {
    await restart("derived: deny")
    expect((await refused("select upper(ssn) from customers")).message).toMatch(/computed with/)
    expect((await through("select count(ssn) from customers")).rows).toEqual([["2"]])
  })
})

describe("predicates: masked", () => {
  it("compares masks", async () => {
    await restart("predicates: masked")
    expect((await through("select id from customers where ssn = '078-05-1120'")).rows).toEqual([])
    expect((await through("select id from customers where ssn = '***-**-****' order by id")).rows).toEqual([[1], [2]])
    expect((await through("select count(distinct ssn) from customers")).rows).toEqual([["1"]])
    expect((await through("select ssn, count(*) from customers group by ssn order by 1")).rows)
      .toEqual([["***-**-****", "2"], [null, "1"]])
    expect((await refused("delete from customers where ssn = 'x'")).message).toMatch(/not named in FROM/)
    expect((await refused("explain select id from customers where ssn = 'x'")).message).toMatch(/explained/)
  })
})

describe("predicates: allow", () => {
  it("compares values, masks what is shown, and counts each time in the record", async () => {
    await restart("predicates: allow")
    await live.as(clerk, async (client) => {
      expect((await ask(client, "select id, ssn from customers where ssn = '078-05-1120'")).rows)
        .toEqual([[1, "***-**-****"]])
      expect((await ask(client, "select id from customers order by born desc nulls last")).rows)
        .toEqual([[1], [2], [3]])
    })
    const counted = [...readRecords(live.ledger)].flatMap(({ body }) => {
      const inferred = (body as Record<string, any>)["inferred"]
      return inferred === undefined ? [] : [inferred]
    })
    expect(counted).toEqual([
      { columns: ["public.customers.ssn"], count: 1 },
      { columns: ["public.customers.born"], count: 2 }
    ])
    expect((await refused("select upper(ssn) from customers where ssn like '0%'")).message).toMatch(/one statement/)
    expect((await refused("explain select id from customers where ssn = 'x'")).message).toMatch(/explained/)
  })
})

describe("a statement prepared before the policy changed", () => {
  it("is prepared again: what was judged and what runs are never two texts", async () => {
    await restart("derived: rewrite")
    const wire = await WireClient.login(live.port, await live.token(clerk))
    const bind = say.raw("B", [0, ...Buffer.from("s\0"), 0, 0, 0, 0, 0, 0])
    await wire.ask(say.parse("s", "select city || '' from customers where id = 1"), bind, say.execute(""), say.sync())
    expect(wire.errors).toEqual([])
    live.configure({
      ...shopWith("derived: rewrite"),
      residency: residency.replace("name: name,", "name: name, city: address,")
    })
    let told = ""
    for (let tries = 0; tries < 100 && told === ""; tries++) {
      await sleep(100)
      const from = wire.errors.length
      await wire.ask(bind, say.execute(""), say.sync())
      told = wire.errors.slice(from).join()
    }
    expect(told).toMatch(/^ERROR 0A000/)
    const from = wire.bytes.length
    await wire.ask(
      say.parse("s2", "select city || '' from customers where id = 1"),
      say.raw("B", [0, ...Buffer.from("s2\0"), 0, 0, 0, 0, 0, 0]),
      say.execute(""),
      say.sync()
    )
    expect(wire.bytes.subarray(from).toString("latin1")).toContain("****")
    wire.destroy()
  })
})
