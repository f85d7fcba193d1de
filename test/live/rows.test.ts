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
