import { describe, expect, it } from "vitest"
import { declaredSnapshot } from "../../../../protocols/postgres/analysis/catalogue/declared.ts"
import { examine } from "../../../../protocols/postgres/analysis/examine.ts"
import { definitions, find, snapshot } from "./schema.ts"

const aggregationIn = (text: string, in_ = snapshot) => {
  const { results, unresolved } = examine(text, in_).finding
  expect(unresolved).toBeUndefined()
  return results[0]?.aggregation
}
const orders = { table: "public.orders", groupedBy: [], rowsMin: 50 }

describe("what stands for many rows", () => {
  it.each([
    ["select count(*) from orders having count(*) >= 50", orders],
    ["select pg_catalog.count(*) from public.orders o having 50 <= 1 and count(*) >= 50", undefined],
    ["select count(memo) as n from orders o having count(*) >= 50 order by n desc limit 3", orders],
    ["select count(*), sum(total), avg(o.total) from orders o having count(o.total) >= 50", orders],
    ["select sum(total) from orders having count(*) >= 99 and count(total) >= 50", orders],
    ["select person_id, count(*) from orders group by person_id having count(*) >= 50 order by count, 1", {
      ...orders,
      groupedBy: ["person_id"]
    }],
    ["select count(*) from only people having count(*) >= 50", { ...orders, table: "public.people" }],
    ["select count(*) from events having count(*) >= 7", { ...orders, table: "public.events", rowsMin: 7 }],
    ["select person_id, memo from orders group by person_id, memo having count(*) >= 50", undefined]
  ])("%s", (text, expected) => expect(aggregationIn(text)).toEqual(expected))
})

/** Each is one step from `select sum(total), count(*) from orders having count(*) >= 50 and count(total) >= 50`. */
describe("what does not", () => {
  const having = "having count(*) >= 50 and count(total) >= 50"
  it.each([
    ["no word on the rows", "select count(*) from orders"],
    ["NULLs that stand for nobody", "select sum(total) from orders having count(*) >= 50"],
    ["another column's count", "select sum(total) from orders having count(memo) >= 50"],
    ["no least number", "select count(*) from orders having count(*) <= 50"],
    ["a number that is bound later", "select count(*) from orders having count(*) >= $1"],
    ["a number as text", "select count(*) from orders having count(*) >= '50'"],
    ["a number of zero", "select count(*) from orders having count(*) >= 0"],
    ["either", "select count(*) from orders having count(*) >= 50 or count(total) >= 50"],
    ["not", "select count(*) from orders having not count(*) >= 50"],
    ["a sum that steers", `select count(*) from orders ${having} and sum(total) >= 50`],
    ["a count of what differs", "select count(*) from orders having count(distinct memo) >= 50"],
    ["a filter that steers", "select count(*) from orders having count(*) filter (where total > 1) >= 50"],
    ["WHERE", `select sum(total) from orders where id = 7 ${having}`],
    ["FILTER", `select sum(total) filter (where id = 7) from orders ${having}`],
    ["DISTINCT inside", `select sum(distinct total) from orders ${having}`],
    ["DISTINCT", `select distinct sum(total) from orders ${having}`],
    ["an order inside", `select sum(total order by id) from orders ${having}`],
    ["a window", `select sum(total) over () from orders group by total ${having}`],
    ["CASE", `select sum(case when id = 7 then total end) from orders ${having}`],
    ["arithmetic", `select sum(total * 1) from orders ${having}`],
    ["arithmetic on it", `select sum(total) + 0 from orders ${having}`],
    ["a cast", `select sum(total::integer) from orders ${having}`],
    ["max", `select max(total) from orders ${having}`],
    ["min beside it", `select count(*), min(total) from orders ${having}`],
    ["string_agg", `select string_agg(memo, ',') from orders ${having}`],
    ["array_agg", `select array_agg(total) from orders ${having}`],
    ["a column that it is not grouped by", `select total, count(*) from orders group by memo ${having}`],
    ["a group that is computed", `select count(*) from orders group by total > 7 ${having}`],
    ["a group by number", `select memo, count(*) from orders group by 1 ${having}`],
    ["grouping sets", `select memo, count(*) from orders group by rollup (memo) ${having}`],
    ["a constant beside it", `select 'x', count(*) from orders ${having}`],
    ["a join", `select sum(total) from orders, people ${having}`],
    ["rows that are repeated", `select sum(total) from orders, generate_series(1, 50) ${having}`],
    ["a sample", `select sum(total) from orders tablesample bernoulli (1) ${having}`],
    ["a subquery", `select sum(total) from (select * from orders where id = 7) o ${having}`],
    ["WITH", `with o as (select * from orders where id = 7) select sum(total) from o ${having}`],
    ["a view", "select count(*) from simple having count(*) >= 50"],
    ["a materialised view", "select count(*) from kept having count(*) >= 50"],
    ["renamed columns", `select sum(total) from orders o (total, a, id, b) having count(total) >= 50`],
    ["a generated column", "select count(shout) from people having count(*) >= 50"],
    ["an order by what is hidden", `select count(*) from orders ${having} order by max(total)`],
    ["a limit that is computed", `select count(*) from orders ${having} limit (select max(id) from people)`],
    ["an offset", `select count(*) from orders group by memo ${having} offset 1`],
    ["UNION", `select count(*) from orders ${having} union select count(*) from orders ${having}`],
    ["two statements", `select sum(total) from orders ${having}; select 1`],
    ["COPY", `copy (select sum(total) from orders ${having}) to stdout`],
    ["EXPLAIN", `explain select sum(total) from orders ${having}`],
    ["a cursor", `declare c cursor for select sum(total) from orders ${having}`]
  ])("%s", (_, text) => {
    const { results } = find(text)
    expect(results.map(({ aggregation }) => aggregation).filter((one) => one !== undefined)).toEqual([])
  })
  it("an aggregate that someone defined, or a comparison", () => {
    const text = "select sum(total) from orders having count(total) >= 50"
    expect(aggregationIn(text)).toBeDefined()
    const own = declaredSnapshot(
      `${definitions}; create function public.sum(numeric) returns numeric language sql as 'select 1.0';`
    )
    expect(aggregationIn(text, own)).toBeUndefined()
    const compares = declaredSnapshot(
      `${definitions}; create function ge(bigint, integer) returns boolean language sql as 'select true';
       create operator >= (function = ge, leftarg = bigint, rightarg = integer);`
    )
    expect(aggregationIn(text, compares)).toBeUndefined()
  })
  it("a column of a type that someone defined", () => {
    const own = declaredSnapshot("create domain money2 as numeric; create table t (a money2, b numeric);")
    expect(aggregationIn("select sum(b) from t having count(b) >= 50", own)).toBeDefined()
    expect(aggregationIn("select sum(a) from t having count(a) >= 50", own)).toBeUndefined()
  })
})
