import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { client as say } from "../fixtures/client-messages.ts"
import { Live } from "../fixtures/live.ts"
import { WireClient } from "../fixtures/wire-client.ts"

/** Where a value stands tells of it too: in which partition its row is, and at which place of an array it was put. */
let live: Live
let token: string
beforeAll(async () => {
  live = await Live.start({
    schema: [
      "create table lots (id int, ssn text, city text) partition by list (ssn)",
      "create table lot partition of lots for values in ('078-05-1120')",
      "create table other_lots partition of lots default partition by list (upper(city))",
      "create table last_lots partition of other_lots default",
      "insert into lots values (1, '078-05-1120', 'x'), (2, 'plain', 'y')",
      "create table bins (id int, n int[])",
      "insert into bins values (1, null)"
    ],
    residency: `  otherwise: allow
  taint: { mode: off }
  zones: { eu: { includes: [de] } }
  data_sets:
    people: { home: [eu], on: { orders: { tables: { public.lots: { ssn: us_ssn } } } } }
  parties:
    clerk: { match: { subject: clerk }, at: de, clearance: [eu] }`
  })
  token = await live.token({ sub: "clerk" })
})
afterAll(() => live?.stop())

/** The errors that a statement comes to, by both protocols, in a transaction that is undone. */
const errorsOf = async (text: string): Promise<ReadonlyArray<string>> => {
  const wire = await WireClient.login(live.port, token)
  for (const asked of [[say.query(text)], [say.parse("", text), say.bind("", ""), say.execute(""), say.sync()]]) {
    await wire.ask(say.query("begin"))
    await wire.ask(...asked)
    await wire.ask(say.query("rollback"))
  }
  const { errors, isClosed } = wire
  wire.destroy()
  expect(isClosed).toBe(false)
  return errors
}

const answered = (texts: ReadonlyArray<string>): void => {
  it.each(texts)("answers %s", async (text) => expect(await errorsOf(text)).toEqual([]))
}
const refused = (texts: ReadonlyArray<string>): void => {
  it.each(texts)("refuses %s", async (text) => {
    expect(await errorsOf(text)).toEqual([
      expect.stringMatching(/42501.*\(masking\)/),
      expect.stringMatching(/42501.*\(masking\)/)
    ])
  })
}

describe("a table that is partitioned by what it protects", () => {
  answered(["select id, ssn, city from lots", "select upper(ssn) from lots", "update lots set city = 'x' where id = 9"])
  refused([
    "select id from lot",
    "select count(*) from only last_lots",
    "copy lot (id) to stdout",
    "delete from lot",
    "merge into lot l using bins b on l.id = b.id when matched then do nothing",
    "select id, tableoid from lots",
    "select p.tableoid::regclass from lots as p(x, y, z)",
    "select id from lots where tableoid = 'lot'::regclass",
    "update lots set city = 'x' where id = 1 returning tableoid",
    "explain select id from lots",
    "create temp table copied as select id from other_lots"
  ])
})

const place = "(select ascii(ssn) from lots where id = 1)"
const many = "array_fill(1, array[200])"

describe("where in an array a value goes", () => {
  answered(["insert into bins (id, n[2]) values (2, 7)", "update bins set n[1:2] = '{1,2}' where id = 9"])
  refused([
    `insert into bins (id, n[${place}]) values (2, 7) returning array_dims(n)`,
    `update bins set n[${place}] = 7 returning array_dims(n)`,
    `update bins set n[${place}:200] = ${many} returning array_dims(n)`,
    `merge into bins using (values (1)) v(i) on id = i when matched then update set n[${place}:200] = ${many}`,
    `merge into bins using (values (3)) v(i) on id = i when not matched then insert (id, n[${place}]) values (3, 7)`
  ])
})
