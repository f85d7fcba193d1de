import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import type { Statement, StatementPhase } from "../../../../core/family/sql/index.ts"
import type { Analyser } from "../../../../core/protocol/index.ts"
import { analysis } from "../../../../protocols/postgres/analysis/analysis.ts"
import { literalsIn, valueOf } from "../../../../protocols/postgres/analysis/literals.ts"
import { usualBounds } from "../../../../protocols/postgres/analysis/session/bounds.ts"
import { skeletonOf } from "../../../../protocols/postgres/analysis/skeleton.ts"
import { AskedStatement } from "../../../../protocols/postgres/statement.ts"

const definitions = `
create domain code as text;
create table members (id int primary key, region text, name text, size int default 1, home varchar(2), pad char(4), tag code);
create table plain (id int, region text);
create table watched (id int, region text);
create function moves() returns trigger language plpgsql as $$ begin new.region := 'US'; return new; end $$;
create trigger t before insert on watched for each row execute function moves();
create table parted (id int, region text) partition by list (id);
create table parted_1 partition of parted for values in (1);
create table shared (id int, region text) partition by list (id);
create table shared_1 partition of shared for values in (1);
create trigger t before insert on shared_1 for each row execute function moves();
create table indexed (id int, region text, words tsvector);
create trigger t before insert on indexed for each row
  execute function tsvector_update_trigger(words, 'pg_catalog.simple', region);
create view seen as select * from plain;
create function notes() returns int language sql as $$ insert into plain values (1, 'US'); select 1 $$;
`

let analyser: Analyser
let ids = 0
beforeAll(async () => {
  const scope = Scope.makeUnsafe()
  const bounds = { ...usualBounds, turnSteps: Infinity }
  const opened = analysis(undefined, { _tag: "Declared", text: definitions }, bounds)
  const all = await Effect.runPromise(Scope.provide(opened, scope))
  analyser = await Effect.runPromise(all.open({ peer: { address: "127.0.0.1" } } as never, undefined))
})

const analysed = (
  text: string,
  phase: StatementPhase = "simple",
  parameters?: ReadonlyArray<[format: "text" | "binary", value: string | Uint8Array | null]>,
  types?: ReadonlyArray<number>
): Statement => {
  const bound = parameters?.map(([format, value]) => ({
    format,
    value: typeof value === "string" ? new TextEncoder().encode(value) : value
  }))
  const operation = new AskedStatement(text, phase, bound, undefined, types)
  return analyser.analyse({ id: ++ids, session: {} as never, operation, asked: operation }) as Statement
}
const values = (text: string, column = "region") => analysed(text).inserted?.values(column)

describe("the rows of an INSERT", () => {
  it.each<[string, ReadonlyArray<string | undefined>]>([
    ["insert into members values (1, 'DE', 'x')", ["DE"]],
    ["insert into members (name, region) values ('x', 'DE'), ('y', 'US')", ["DE", "US"]],
    ["insert into members (region) values ('DE'\n'x')", [undefined]],
    ["insert into members (region) values ('DE'\n  '')", [undefined]],
    ["INSERT INTO members (region) VALUES ('it''s'), ('Ö'), ('a\\b')", ["it's", "Ö", "a\\b"]],
    ["insert into members (name, region) values ('Ö', 'DE')", ["DE"]],
    [
      "insert into members (region) values (null), (default), (upper('de')), ('D' || 'E'), ('DE'::text)",
      [undefined, undefined, undefined, undefined, undefined]
    ],
    ["insert into members (name) values ('DE')", [undefined]],
    ["insert into members (region) values (E'DE')", [undefined]],
    ["insert into members (region) values ('DE') -- 'US'", [undefined]],
    ["insert into members (region) values ($$DE$$)", [undefined]],
    ["insert into members (region) values ('DE ')", ["DE "]],
    ["insert into members (region) values ('07'), (7)", ["07", undefined]],
    ["insert into members (region) values ('DE') on conflict do nothing", ["DE"]],
    ["insert into members (region) values ('DE') returning id", ["DE"]],
    ["insert into parted values (1, 'DE')", ["DE"]]
  ])("%s", (text, wanted) => expect(values(text)).toEqual(wanted))

  it.each(
    [
      [
        "whole numbers, as a column gives them back",
        "insert into members (size) values (7), ('7'), (-7), ('07'), (1.5)",
        "size",
        ["7", "7", undefined, undefined, undefined]
      ],
      ["short and padded texts", "insert into members (home) values ('DE'), ('DE  ')", "home", ["DE", "DE  "]],
      ["no domains: what they hold is another's word", "insert into members (tag) values ('DE')", "tag", [undefined]]
    ] as const
  )("knows %s", (_, text, column, wanted) => expect(values(text, column)).toEqual(wanted))

  it.each([
    "insert into members select 1, 'DE'",
    "insert into members default values",
    "insert into members (region) values ('DE') on conflict (id) do update set name = 'x'",
    "with a as (insert into plain values (1, 'US')) insert into members (region) values ('DE')",
    "insert into plain (id, region) values (notes(), 'DE')",
    "insert into watched values (1, 'DE')",
    "insert into shared values (1, 'DE')",
    "insert into indexed (id, region) values (1, 'DE')",
    "insert into seen values (1, 'DE')",
    "insert into members (region) values ('DE'); insert into members (region) values ('US')",
    "update members set region = 'DE'",
    "copy members from stdin",
    "merge into members m using plain p on p.id = m.id when not matched then insert (region) values ('DE')"
  ])("cannot be told: %s", (text) => expect(values(text)).toBeUndefined())

  it("are each execution's own, though what is known of the text is kept once", () => {
    const one = analysed("insert into plain values (1, 'DE')")
    const other = analysed("insert into plain values (2, 'US')")
    expect(other.reads).toBe(one.reads)
    expect(other.writes).toBe(one.writes)
    expect([one, other].map(({ inserted }) => inserted?.values("region"))).toEqual([["DE"], ["US"]])
  })

  const text = "insert into members (region, size, name) values ($1, $2, 'x'), ('FR', 3, 'y')"
  it("are read from parameters, when they are bound", () => {
    const commented = "insert into members (region) values ($1) /* as told */"
    expect(analysed(commented, "bind", [["text", "DE"]]).inserted?.values("region")).toEqual(["DE"])
    expect(analysed(text, "prepare").inserted?.values("region")).toEqual(["FR"])
    expect(analysed(text, "simple").inserted?.values("region")).toEqual([undefined, "FR"])
    for (const phase of ["bind", "execute"] as const) {
      const { inserted } = analysed(text, phase, [["text", "DE"], ["text", "7"]])
      expect([inserted?.values("region"), inserted?.values("size")]).toEqual([["DE", "FR"], ["7", "3"]])
    }
  })
  it.each<[string, "text" | "binary", string | Uint8Array | null, ReadonlyArray<number>, string, string | undefined]>([
    ["a text in binary", "binary", "DE", [], "region", "DE"],
    ["a text that is declared as one", "text", "DE", [25], "region", "DE"],
    ["NULL", "text", null, [], "region", undefined],
    ["a number's bytes that look like a text", "binary", "EURO", [23], "region", undefined],
    ["a truth that looks like a country", "text", "no", [16], "region", undefined],
    ["a single letter's type", "text", "DE", [18], "region", undefined],
    ["a day", "text", "today", [1082], "region", undefined]
  ])("are read by what the client says they are: %s", (_, format, value, types, column, wanted) => {
    const { inserted } = analysed("insert into members (region) values ($1)", "execute", [[format, value]], types)
    expect(inserted?.values(column)).toEqual([wanted])
  })
  it("are read from numbers in binary, of every size", () => {
    const read = (bytes: ReadonlyArray<number>, types: ReadonlyArray<number> = []) =>
      analysed("insert into members (size) values ($1)", "execute", [["binary", Uint8Array.from(bytes)]], types)
        .inserted?.values("size")
    expect(read([0, 0, 0, 7])).toEqual(["7"])
    expect(read([0, 7], [21])).toEqual(["7"])
    expect(read([0, 0, 0, 0, 0, 0, 0, 7], [20])).toEqual(["7"])
    expect(read([0, 0, 7])).toEqual([undefined])
    // A float's bits are no number of ours.
    expect(read([0, 0, 0, 7], [700])).toEqual([undefined])
  })
})

describe("the literals of a text", () => {
  const literal = fc.oneof(
    fc.stringMatching(/^[a-zö' ,()]{0,6}$/).map((one) => `'${one.replaceAll("'", "''")}'`),
    fc.nat(999).map(String)
  )
  const shape = fc.constantFrom(
    (a: string, b: string) => `insert into plain values (${a}, ${b})`,
    (a: string, b: string) => `insert into plain (region) values (${a}), (${b})`,
    (a: string, b: string) => `select * from plain where region = ${a} limit 3 offset ${b}`
  )
  it("are as many, at the same places, in all texts of one skeleton", () => {
    fc.assert(
      fc.property(shape, literal, literal, literal, literal, (text, a, b, c, d) => {
        const [one, other] = [text(a, b), text(c, d)]
        fc.pre(skeletonOf(one) !== undefined && skeletonOf(one) === skeletonOf(other))
        const [found, again] = [literalsIn(one)!, literalsIn(other)!]
        expect(again).toHaveLength(found.length)
        const between = (text: string, all: typeof found) =>
          all.map(({ start }, index) => text.slice(index === 0 ? 0 : all[index - 1]!.end, start))
        expect(between(other, again)).toEqual(between(one, found))
      }),
      { numRuns: 1000 }
    )
  })
  it("are as PostgreSQL reads them", () => {
    const text = "select 'a''b', \"x'y\", 12, t1, $3, 'c' from t where a->>0 = ''"
    expect(literalsIn(text)?.map((one) => valueOf(text, one))).toEqual(["a'b", "12", "c", "0", ""])
  })
  it.each([
    "select E'x'",
    "select 1 -- x",
    "select /* x */ 1",
    "select $$x$$",
    "select U&'x'",
    "select 1e5",
    "select 0x1f",
    "select 1_000",
    "select b'1'",
    "select 'x"
  ])(
    "are not told of what is not plain: %s",
    (text) => expect(literalsIn(text)).toBeUndefined()
  )
})
