import { describe, expect, it } from "vitest"
import type { ColumnRef, Projection } from "../../../../../core/family/sql/index.ts"
import {
  inlineResultMax,
  project,
  type Projected,
  resultTooLong
} from "../../../../../protocols/postgres/analysis/rewrite/project.ts"
import { noNames } from "../../../../../protocols/postgres/analysis/session-names.ts"
import { lineage, snapshot, uses } from "../schema.ts"

const around = { snapshot, names: noNames, major: 18 }
const onlySsn = ({ column, table }: ColumnRef) => table === "public.people" && column === "ssn" ? "***" : undefined

const projected = (text: string, projection: Projection = { mask: onlySsn }): Projected => {
  const answer = project(text, around, projection)
  if ("_tag" in answer) throw new Error(`${text}: ${answer.reason}`)
  return answer
}

const refusal = (text: string, projection: Projection = { mask: onlySsn }): string => {
  const answer = project(text, around, projection)
  return "_tag" in answer ? answer.reason : answer.text
}

/** What stands for `people` where its column `ssn` is masked. */
const masked = "select \"id\", \"name\", case when \"ssn\" is null then null::pg_catalog.text "
  + "else '***'::pg_catalog.text end as \"ssn\", \"born\", \"notes\", \"shout\" from "
const people = `(${masked}"public"."people")`
const onlyPeople = `(${masked}only "public"."people")`

describe("a text read through a projection", () => {
  it.each([
    ["a name", "select upper(ssn) from people", `select upper(ssn) from ${people} as "people"`],
    ["a qualified name", "select p.ssn||'' from public . people p", `select p.ssn||'' from ${people} p`],
    ["a quoted name", "select ssn||'' from \"people\"", `select ssn||'' from ${people} as "people"`],
    [
      "U& names",
      "select ssn||'' from U&\"p!0065ople\" UESCAPE '!' AS p",
      `select ssn||'' from ${people} AS p`
    ],
    ["columns renamed", "select c||'' from people as p(a, b, c)", `select c||'' from ${people} as p(a, b, c)`],
    ["ONLY", "select ssn||'' from only people", `select ssn||'' from ${onlyPeople} as "people"`],
    ["ONLY in brackets", "select ssn||'' from only (people) p", `select ssn||'' from ${onlyPeople} p`],
    ["a star behind", "select ssn||'' from people *", `select ssn||'' from ${people} as "people"`],
    [
      "TABLE",
      "select x.ssn||'' from (table people) x",
      `select x.ssn||'' from (select * from ${people} as "people") x`
    ],
    [
      "TABLESAMPLE",
      "select ssn||'' from people p tablesample bernoulli (5) repeatable (1) where id > 1",
      `select ssn||'' from ${people.slice(0, -1)} tablesample bernoulli (5) repeatable (1)) p  where id > 1`
    ],
    [
      "references with the schema",
      "select public.people.ssn || '', public . people.* from public.people",
      `select people.ssn || '',  people.* from ${people} as "people"`
    ],
    [
      "several places, and letters of several bytes",
      "select 'é€𝄞' || (select max(ssn) from people) /* é */ from people p join orders on true",
      `select 'é€𝄞' || (select max(ssn) from ${people} as "people") /* é */ from ${people} p join orders on true`
    ],
    [
      "a CTE of that name stays itself",
      "with people as (select ssn||'' as ssn from people) select ssn||'x' from people",
      `with people as (select ssn||'' as ssn from ${people} as "people") select ssn||'x' from people`
    ],
    [
      "a recursive query",
      "with recursive w(s) as (select ssn from people union all select s||'x' from w) select s from w",
      `with recursive w(s) as (select ssn from ${people} as "people" union all select s||'x' from w) select s from w`
    ],
    [
      "the source of an UPDATE",
      "update orders set memo = 'x' from people p where p.id = person_id returning upper(p.ssn)",
      `update orders set memo = 'x' from ${people} p where p.id = person_id returning upper(p.ssn)`
    ],
    [
      "the source of a DELETE",
      "delete from orders using people p where p.id = person_id returning upper(p.ssn)",
      `delete from orders using ${people} p where p.id = person_id returning upper(p.ssn)`
    ],
    [
      "COPY of a query",
      "copy (select ssn||'' from people) to stdout",
      `copy (select ssn||'' from ${people} as "people") to stdout`
    ],
    [
      "a cursor",
      "declare c cursor for select ssn||'' from people for update of people",
      `declare c cursor for select ssn||'' from ${people} as "people" for update of people`
    ],
    [
      "PREPARE",
      "prepare q(int) as select ssn||'' from people where id = $1",
      `prepare q(int) as select ssn||'' from ${people} as "people" where id = $1`
    ],
    [
      "GROUP BY the key",
      "select id, upper(ssn), name from people group by people.id",
      `select id, upper(ssn), name from ${people} as "people" group by "people"."name", "people"."ssn", people.id`
    ],
    [
      "GROUP BY another column",
      "select name, max(ssn) from people group by name",
      `select name, max(ssn) from ${people} as "people" group by name`
    ]
  ])("%s", (_name, text, expected) => {
    const { examined, text: rewritten } = projected(text)
    expect(rewritten).toBe(expected)
    expect(uses(examined.finding)).not.toMatch(/(transform|aggregate|predicate|group|write) people\.ssn/)
    expect(lineage(examined.finding)).not.toMatch(/people\.ssn(?!\?)/)
  })

  it("is projected over a view, which is not looked into", () => {
    expect(projected("select upper(number) from named").text).toBe(
      "select upper(number) from (select \"id\", case when \"number\" is null then null::pg_catalog.text "
        + "else '***'::pg_catalog.text end as \"number\", \"low\" from \"public\".\"named\") as \"named\""
    )
    expect(projected("select upper(held) from kept").text).toContain("from \"public\".\"kept\")")
  })

  it("does not look at what was computed from a masked column, not even whether it is NULL", () => {
    const mask = ({ column }: ColumnRef) => column === "name" ? "***" : undefined
    const { text } = projected("select shout || '' from people", { mask })
    expect(text).toContain("'***'::pg_catalog.text as \"shout\"")
    expect(text).not.toContain("case when \"shout\"")
  })

  it.each([
    ["the target of an UPDATE", "update people set name = 'x' returning upper(ssn)", /not named in FROM/],
    ["a function's body", "select ssn_of(1)", /not named in FROM/],
    ["EXPLAIN", "explain select upper(ssn) from people", /EXPLAIN/],
    ["system columns", "select ctid, upper(ssn) from people", /ctid/],
    ["a control character", "select ssn || '\u0001' from people", /control character/],
    ["what is not understood", "select nothing(ssn) from people", /nothing/],
    ["EXECUTE", "execute q", /EXECUTE/]
  ])("is refused for %s", (_name, text, reason) => expect(refusal(text)).toMatch(reason))

  it("is refused where so many tables make the result too long", () => {
    const tables = Array.from({ length: 90 }, (_, index) => `people p${index}`).join(", ")
    const text = `select upper(a.ssn) from people a, ${tables}`
    expect(project(text, around, { mask: onlySsn }, inlineResultMax)).toBe(resultTooLong)
    expect(projected(text).text.length).toBeGreaterThan(inlineResultMax)
  })

  it("keeps what is quoted in a mask from leaving its quotes", () => {
    const mask = (ref: ColumnRef) => onlySsn(ref) === undefined ? undefined : "it's'; drop table people --"
    expect(projected("select ssn||'' from people", { mask }).text).toContain("'it''s''; drop table people --'::")
  })
})

describe("rows chosen where a table is read", () => {
  const rows: Projection = {
    rows: ({ table, within }) =>
      table === "public.orders" || within?.includes("public.events") === true
        ? { column: "memo", among: ["a", "it's"] }
        : undefined
  }
  it("adds a condition that no path or operator of others can change", () => {
    const { confined, text } = projected("select count(*) from orders o join people on true", rows)
    expect(text).toContain(
      "from \"public\".\"orders\" where \"memo\"::pg_catalog.text operator(pg_catalog.=) "
        + "any (array['a', 'it''s']::pg_catalog.text[]) offset 0) o join people"
    )
    expect(confined).toEqual([{ table: "public.orders", column: "memo", among: ["a", "it's"] }])
  })
  it.each([
    ["a view", "select * from simple"],
    ["the target of a write", "update orders set memo = 'a' where id = 1"],
    ["a COPY of the table", "copy orders to stdout"],
    ["a function", "select longest(1)"],
    ["a partition, under its parent", "select * from events"]
  ])("is refused where %s reads the table too", (_name, text) => {
    expect(refusal(text, rows)).toMatch(/read otherwise than by its name/)
  })
})
