import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Influence } from "../../../../benchmarks/eval/worlds/influence.ts"
import { type LocalPostgres, startPostgres } from "../../../../config/demo/local-postgres.ts"

/** What `npm run eval` takes for over-taint: a claim for which no world was found. These are known both ways. */
const schema = `
create table t (id int primary key, a text not null, b text, n int, d date);
create table u (m int, c text, kind text);
create table none (x int, y text);
insert into t select i, 'a' || i, 'b', i % 3, '2020-01-01' from generate_series(1, 300) i;
insert into u values (7, 'c', 'k');`

let server: LocalPostgres
let client: pg.Client
let influence: Influence
beforeAll(async () => {
  server = await startPostgres({ settings: { autovacuum: "off" } })
  const { password, port, user } = server
  client = new pg.Client({ host: "127.0.0.1", port, user, password, database: "template1" })
  await client.connect()
  await client.query(schema)
  influence = await Influence.open(client, 24)
})
afterAll(async () => {
  await client.end()
  await server.stop()
})

const tables = ["public.t", "public.u", "public.none"]

/** Whether the column was seen in the first output. */
const isSeen = async (text: string, table: string, column: string, params?: ReadonlyArray<unknown>) => {
  const said = { table: `public.${table}`, column, outputs: new Set([0]), steers: false }
  return (await influence.of({ text, params }, [said], tables)).get(said)!.has(0)
}

describe("worlds that differ in one column", () => {
  it.each<[string, string, string]>([
    ["select upper(a) from t", "t", "a"],
    // Conditions that the rows as they are do not meet.
    ["select a from t where b = 'needle'", "t", "a"],
    ["select a from t where id = 4711", "t", "a"],
    ["select a from t where b like 'x%y_z' and n between 40 and 41", "t", "a"],
    ["select case when d > date '2031-05-05' then a end from t", "t", "a"],
    ["select c from t join u on t.n = u.m where u.kind = 'special'", "u", "c"],
    ["select exists (select 1 from t where b = 'needle')", "t", "b"],
    ["select count(distinct b) from t", "t", "b"],
    ["select a from t where a is not null order by n limit 1", "t", "a"],
    ["select to_jsonb(t) ->> 'b' from t", "t", "b"],
    ["select y from none", "none", "y"],
    ["update t set n = 1 where b = 'needle' returning a", "t", "a"]
  ])("show it: %s (%s.%s)", async (text, table, column) => expect(await isSeen(text, table, column)).toBe(true))

  it("show it by a parameter", async () => {
    expect(await isSeen("select a from t where b = $1", "t", "a", ["needle"])).toBe(true)
  })

  it.each<[string, string, string]>([
    ["select a from t", "t", "b"],
    ["select 'x' from t", "t", "a"],
    ["select to_jsonb(t) ->> 'b' from t", "t", "a"],
    ["select a from t where false", "t", "a"],
    ["select count(distinct id) from t", "t", "id"],
    ["select c from u", "t", "a"]
  ])("do not show it: %s (%s.%s)", async (text, table, column) => expect(await isSeen(text, table, column)).toBe(false))

  it("leave out what varies by itself, and what fails", async () => {
    expect(await influence.varying({ text: "select random(), a from t" })).toEqual(new Set([0]))
    expect(await influence.varying({ text: "select nobody from t" })).toBeUndefined()
  })

  it("leave nothing behind", async () => {
    const { rows } = await client.query("select count(*) filter (where b = 'b') as same, count(*) as all from t")
    expect(rows).toEqual([{ same: "24", all: "24" }])
  })
})
