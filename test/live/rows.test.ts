import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Live } from "../fixtures/live.ts"

const german = { sub: "german" }
let live: Live

beforeAll(async () => {
  live = await Live.start({
    schema: [
      "create table customers (id int primary key, country text, name text)",
      "insert into customers values (1, 'DE', 'Anna'), (2, 'US', 'Canary Bob'), (3, 'FR', 'Canary Chloe'), "
      + "(4, 'XX', 'Canary nobody'), (5, null, 'Canary null')",
      "create table orders (id int, customer int)",
      "insert into orders values (10, 1), (20, 2)",
      "create view everyone as select * from customers"
    ],
    residency: `  zones: { eu: { includes: [de, fr] }, us: { includes: [us-east] } }
  data_sets:
    customers:
      home: [eu, us]
      zone_by: { column: public.customers.country, zones: { DE: de, FR: fr, US: us }, other_rows: filter }
      on: { orders: { tables: { public.customers: {} } } }
    orders: { home: [de], on: { orders: { tables: { public.orders: {} } } } }
  parties:
    german: { match: { subject: german }, at: de, clearance: [eu, us] }`
  })
}, 120_000)
afterAll(() => live.stop())

const ask = (text: string, values?: ReadonlyArray<unknown>): Promise<unknown> =>
  live.as(german, async (client) => {
    try {
      const { rows } = await client.query<Array<unknown>>({
        text,
        rowMode: "array",
        ...(values === undefined ? {} : { values: [...values] })
      })
      return rows
    } catch (error) {
      return (error as { message: string }).message
    }
  })

describe("rows that are written, with real clients", () => {
  const homes = () =>
    live.direct(async (client) => {
      const { rows } = await client.query("select country from customers where id >= 100 order by id")
      await client.query("delete from customers where id >= 100")
      return rows.map(({ country }: { country: string }) => country)
    })
  it.each<[string, ReadonlyArray<unknown>?]>([
    ["insert into customers values (100, 'DE', 'x')"],
    ["insert into customers (name, country, id) values ('x', 'DE', 100)"],
    ["insert into customers values ($1, $2, $3)", [100, "DE", "x"]],
    ["insert into customers values ($1, 'DE', $2)", [100, "x"]]
  ])("at the caller's home, pass: %s", async (text, values) => {
    expect(await ask(text, values)).toEqual([])
    expect(await homes()).toEqual(["DE"])
  })
  it.each<[string, ReadonlyArray<unknown>?]>([
    ["insert into customers values (100, 'US', 'x')"],
    ["insert into customers values (100, 'DE', 'x'), (101, 'US', 'y')"],
    ["insert into customers values ($1, $2, $3)", [100, "US", "x"]],
    ["insert into customers values ($1, $2, $3)", [100, null, "x"]],
    ["insert into customers values (100, 'de', 'x')"],
    ["insert into customers values (100, 'DE ', 'x')"],
    ["insert into customers values (100, default, 'x')"],
    ["insert into customers values (100, 'D' || 'E', 'x')"],
    ["insert into customers values (100, 'DE'::text, 'x')"],
    ["insert into customers values (1, 'DE', 'x') on conflict (id) do update set name = 'x', country = 'US'"],
    ["insert into customers select 100, 'DE', 'x'"],
    // Which rows are there already is a question about all of them.
    ["insert into customers values (100, 'DE', 'x') on conflict do nothing"],
    ["copy customers from stdin"]
  ])("elsewhere, or nobody can tell where, are refused: %s", async (text, values) => {
    expect(await ask(text, values)).toMatch(/\((residency)\)$/)
    expect(await homes()).toEqual([])
  })
  it("are judged at each execution of one prepared statement", async () => {
    const told = await live.as(german, async (client) => {
      const add = (id: number, country: string) =>
        client.query({ name: "add", text: "insert into customers values ($1, $2, 'x')", values: [id, country] })
          .then(() => "ok", (error: { message: string }) => /\((\w+)\)$/.exec(error.message)?.[1])
      return [await add(100, "DE"), await add(101, "US"), await add(102, "DE")]
    })
    expect(told).toEqual(["ok", "residency", "ok"])
    expect(await homes()).toEqual(["DE", "DE"])
  })
})

describe("rows of other homes, with real clients", () => {
  it.each<[string, unknown, ReadonlyArray<unknown>?]>([
    ["select id, name from customers order by id", [[1, "Anna"]]],
    ["select count(*)::int from customers", [[1]]],
    ["select name from customers where id = $1", [], [2]],
    ["select name from customers where id = $1", [["Anna"]], [1]],
    ["select o.id, c.name from orders o left join customers c on c.id = o.customer order by 1", [[10, "Anna"], [
      20,
      null
    ]]],
    ["with c as (select * from customers) select max(name) from c", [["Anna"]]],
    ["select exists (select from customers where name like 'Canary%')", [[false]]],
    ["select name from customers union all select name from customers c2", [["Anna"], ["Anna"]]]
  ])("%s", async (text, rows, values) => expect(await ask(text, values)).toEqual(rows))

  it.each([
    "update customers set name = 'x' where country = 'US' returning name",
    "delete from customers returning name",
    "insert into customers values (6, 'US', 'x') returning name",
    "select name from everyone",
    "copy customers to stdout",
    "select pg_catalog.query_to_xml('select * from customers', true, false, '')"
  ])("refuses %s", async (text) => {
    const answer = await ask(text)
    expect(answer).toMatch(/\((residency|unresolved|masking|unclassified)\)$/)
    expect(answer).not.toContain("Canary")
  })
})
