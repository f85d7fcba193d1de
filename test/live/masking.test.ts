import type { Client } from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Live } from "../fixtures/live.ts"

/** In every row, so that whatever comes through is seen, and apart by its digits when its letters are gone. */
const SSN = "734-21-9056"
const MAIL = "canary.zebra@example.com"
const PIN = 48271639

/** Ways to see a protected column, by family. Each must come masked, or be refused. */
const attempts: Readonly<Record<string, ReadonlyArray<string>>> = {
  M01: [
    "select ssn from people",
    "select ssn as id, id as ssn from people",
    "with c(a, b) as (select id, ssn from people) select b as a, a as b from c",
    "select x from (select ssn as x from people) s",
    "select * from people",
    "table people",
    "select p.* from people p"
  ],
  M02: [
    "select (select ssn from people limit 1)",
    "select ssn from people_view",
    "select * from people_matview",
    "select ssn from people union select '734-21-9056'",
    "select x from people p, lateral (select p.ssn as x) l",
    "select * from all_people()",
    "select first_ssn()"
  ],
  M03: [
    "select coalesce(ssn, '') from people",
    "select ssn || '' from people",
    "select case when true then ssn end from people",
    "select ssn::bytea from people",
    "select format('%s', ssn) from people",
    "select quote_literal(ssn) from people"
  ],
  M04: [
    "select array[ssn] from people",
    "select row(ssn) from people",
    "select people from people",
    "select to_jsonb(people) from people",
    "select json_build_object('a', ssn) from people",
    "select xmlelement(name a, ssn) from people",
    "select query_to_xml('select ssn from people', true, true, '')",
    "select table_to_xml('people', true, true, '')",
    "select unnest(array_agg(ssn)) from people"
  ],
  M05: [
    "select reverse(ssn) from people",
    "select substr(ssn, 1, 3), substr(ssn, 5, 2), substr(ssn, 8) from people",
    "select string_agg(ssn, ',') from people",
    "select regexp_split_to_table(ssn, '') from people"
  ],
  M06: ["select encode(ssn::bytea, 'hex') from people", "select pin + 0 from people", "select pin::text from people"],
  M07: [
    "select min(ssn) from people",
    "select lag(ssn) over () from people",
    "select mode() within group (order by ssn) from people"
  ],
  M08: [
    "select count(*) from people where ssn = '734-21-9056'",
    "select id from people order by ssn",
    "select count(*) from people a join people b on a.ssn = b.email",
    "select length(ssn) from people",
    "select distinct ssn from people",
    "select md5(ssn) from people",
    "insert into people (id, ssn) values (77, '734-21-9056') on conflict do nothing",
    "select ssn from people limit (select count(*) from people where ssn like '7%')",
    "select ssn from people where people = (select people from people limit 1)"
  ],
  M09: [
    "select ssn::int from people",
    "select ssn::date from people",
    "insert into people (id, ssn) values (2, '734-21-9056')",
    "update people set pin = -1 where id = 1",
    "select ssn::regclass from people"
  ],
  M10: ["do $$ begin raise notice '%', (select ssn from people limit 1); end $$"],
  M11: [
    "create table copied as select ssn from people",
    "insert into notes select ssn from people",
    "update people set note = ssn returning note",
    "insert into people (id, ssn) values (9, 'x') returning (select ssn from people limit 1)",
    "with w as (update people set note = note returning ssn) select ssn || '' from w",
    "select set_config('application_name', ssn, false) from people",
    "select pg_notify('c', ssn) from people"
  ],
  M12: [
    "select most_common_vals from pg_stats where tablename = 'people'",
    "explain analyze select id from people where ssn like '7%'"
  ],
  M13: ["select pg_sleep(case when ssn like '7%' then 0.01 else 0 end) from people"],
  M14: ["copy people to '/tmp/out'", "copy people to program 'cat'"],
  definitions: [
    "alter table people rename column ssn to harmless",
    "alter table people add column again text generated always as (ssn) stored",
    "alter table people rename to folk",
    "create view shown as select ssn from people",
    "create or replace view people_view as select ssn as other from people",
    "create function f() returns text language sql as 'select ssn from people limit 1'",
    "select harmless from people",
    "select again from people",
    "select * from people",
    "select * from folk",
    "select * from shown",
    "select f()"
  ],
  "names that move": [
    "alter table people set schema other",
    "select * from other.people",
    "alter table if exists people rename to folk",
    "select * from folk",
    "begin; alter table if exists people rename to folk; select * from folk; rollback",
    "alter table if exists people rename column ssn to harmless",
    "select harmless from people",
    "alter schema public rename to other_public",
    "select * from other_public.people"
  ],
  "code that a definition runs at once": [
    "alter table notes add column filled text default first_ssn()",
    "select filled from notes",
    "alter table notes alter column t type text using first_ssn()",
    "select t from notes",
    "alter table notes add column made text generated always as (imm_ssn(id)) stored",
    "select made from notes",
    "alter table notes add constraint said check (say_ssn(id))",
    "create index on notes (say_ssn(id))"
  ],
  "code that a write runs": [
    "insert into defaulting (id) values (1) returning t",
    "insert into defaulting (id, t) values (1, default) returning t",
    "update defaulting set t = default returning t",
    "merge into defaulting d using notes n on false when not matched then insert (id, t) values (1, default)",
    "insert into defaulting_view (id) values (1)",
    "insert into domain_default (id) values (1) returning t",
    "select t from defaulting",
    "select t from bare",
    "select t from domain_default",
    "insert into checked values (1)",
    "update checked set id = 2",
    "insert into indexed values (1)",
    "insert into conditioned values (1)",
    "insert into domain_checked values (1)",
    "select 1::said",
    "select row(1)::said_row",
    "create function told() returns event_trigger language plpgsql as "
    + "$$ begin raise notice '%', (select ssn from people limit 1); end $$",
    "create event trigger told on ddl_command_end execute function told()",
    "create table after_told (id int)",
    "create rule also as on insert to notes do also insert into bare select 1, ssn from people"
  ],
  M15: [
    "begin; declare c cursor for select ssn from people; fetch all from c; commit",
    "prepare q as select ssn from people; execute q; deallocate q"
  ]
}

const toldTo = async (client: Client, text: string, binary = false): Promise<string> => {
  const heard: Array<unknown> = []
  const hear = (said: unknown) => heard.push({ ...(said as object), message: (said as { message?: string }).message })
  client.on("notice", hear)
  client.on("notification", hear)
  try {
    const result = await client.query({ text, ...(binary ? { values: [], binary: true } : {}) })
    for (const one of [result].flat()) heard.push(one.rows, one.fields.map(({ name }) => name))
  } catch (error) {
    hear(error)
  }
  client.off("notice", hear)
  client.off("notification", hear)
  return JSON.stringify(heard)
}

/** Tables that run code which shows a protected column: in a row, or in a notice. */
const CODE: ReadonlyArray<string> = [
  "create schema other",
  "create function imm_ssn(int) returns text language sql immutable as 'select ssn from public.people limit 1'",
  `create function say_ssn(int) returns boolean language plpgsql immutable as
     $$ begin raise notice '%', (select ssn from public.people limit 1); return true; end $$`,
  "create table defaulting (id int, t text default first_ssn())",
  "insert into defaulting values (0, 'mine')",
  "create table bare (id int, t text)",
  "create view defaulting_view as select id, t from bare",
  "alter view defaulting_view alter column t set default first_ssn()",
  "create domain filled as text default first_ssn()",
  "create table domain_default (id int, t filled)",
  "create table checked (id int check (say_ssn(id)))",
  "create table indexed (id int)",
  "create index on indexed (say_ssn(id))",
  "create table conditioned (id int)",
  "create function pass() returns trigger language plpgsql as $$ begin return new; end $$",
  `create trigger conditioned before insert on conditioned for each row when (say_ssn(new.id))
     execute function pass()`,
  "create domain said as int check (say_ssn(value))",
  "create table domain_checked (id said)",
  "create type said_row as (id said)",
  "insert into checked values (1)"
]

/** What must go on working for a caller who sees masks. */
const ordinary: ReadonlyArray<readonly [text: string, rows: ReadonlyArray<Readonly<Record<string, unknown>>>]> = [
  ["select id, ssn, email, pin, note from people order by id limit 1", [{
    id: 1,
    ssn: "***-**-****",
    email: "****@****.***",
    pin: null,
    note: "n"
  }]],
  ["select count(*)::int as n from people where id < 9", [{ n: 2 }]],
  ["select p.id, n.t from people p join notes n on n.id = p.id where p.id = 1", [{ id: 1, t: "t" }]],
  ["select id + 1 as next from people where note is not null order by note, id limit 1", [{ next: 2 }]]
]

describe("masking, before a real database, against who wants to see", () => {
  let live: Live
  beforeAll(async () => {
    live = await Live.start({
      schema: [
        "create table people (id int primary key, ssn text unique, email text, pin int check (pin > 0), note text)",
        `insert into people values (1, '${SSN}', '${MAIL}', ${PIN}, 'n'), (2, null, '${MAIL}', ${PIN}, 'n')`,
        "create table notes (id int, t text)",
        "insert into notes values (1, 't')",
        "create view people_view as select ssn from people",
        "create materialized view people_matview as select ssn, email, pin from people",
        "create function all_people() returns setof people language sql stable as 'select * from people'",
        "create function first_ssn() returns text language sql stable as 'select ssn from people limit 1'",
        ...CODE,
        "analyze"
      ],
      residency: `  otherwise: allow
  zones: { eu: { includes: [de] } }
  data_sets:
    people:
      home: [eu]
      on: { orders: { tables: { public.people: { ssn: us_ssn, email: email, pin: secret } } } }
  parties:
    someone: { match: { subject: someone }, at: de, clearance: [eu] }
    fraud: { match: { group: fraud }, at: de, clearance: [eu] }`,
      plugins: ["{ use: identity }", "{ use: residency }", "{ use: masking, with: { reveal_to_group: fraud } }"]
    })
  }, 120_000)
  afterAll(() => live?.stop())

  /** Everything that a caller is told for `text`: rows, notices, notifications, errors. */
  const told = (
    text: string,
    caller: { sub: string; groups?: ReadonlyArray<string> },
    binary = false
  ): Promise<string> => live.as(caller, (client) => toldTo(client, text, binary))
  /** Any three digits in a row of the number, either way round, or what letters and digits of the others there are. */
  const leaks = (heard: string): boolean => {
    const flat = heard.replaceAll(/public\.people\.\w+/g, "")
    return /734.?21.?9056|6509.?12.?437|canary|zebra|48271639|3733342d32|"734"|9056/i.test(flat)
  }

  it.each(Object.keys(attempts))("%s: shows nothing of a protected column", async (family) => {
    await live.as({ sub: "someone" }, async (client) => {
      for (const text of attempts[family]!) {
        // In one session, which knows what it has defined, and in one that does not.
        for (const heard of [await toldTo(client, text), await told(text, { sub: "someone" })]) {
          expect(leaks(heard.replaceAll(text, "")), `${text}: ${heard}`).toBe(false)
        }
        await client.query("rollback")
      }
    })
  }, 120_000)

  it("knows in every session what one of them has defined", async () => {
    const define = (body: string) => `create or replace function fickle() returns text language sql stable as '${body}'`
    await live.as({ sub: "owner", groups: ["fraud"] }, (one) =>
      live.as({ sub: "someone" }, async (other) => {
        for (let i = 0; i < 5; i++) {
          await one.query(define("select note from people limit 1"))
          expect(await toldTo(other, "select fickle()")).toContain("fickle")
          await one.query(define("select ssn from people limit 1"))
          expect(leaks(await toldTo(other, "select fickle()"))).toBe(false)
        }
      }))
  })

  it("lets only those who see the columns in clear define anything", async () => {
    const text = "create temp table mine as select note from people"
    expect(await told(text, { sub: "someone" })).toContain("Definitions may not be changed")
    expect(await told(text, { sub: "owner", groups: ["fraud"] })).not.toContain("(masking)")
  })

  it("keeps the definitions that say what is protected", async () => {
    const { rows } = await live.direct((client) =>
      client.query(
        "select attname from pg_attribute where attrelid = 'people'::regclass and attnum > 0 order by attnum"
      )
    )
    expect(rows.map(({ attname }) => attname)).toEqual(["id", "ssn", "email", "pin", "note"])
  })

  it("PG19: nor in the binary format", async () => {
    for (const text of [...attempts["M01"]!, ...attempts["M02"]!]) {
      expect(leaks(await told(text, { sub: "someone" }, true)), text).toBe(false)
    }
  }, 60_000)

  it("lets ordinary work go on", async () => {
    for (const [text, rows] of ordinary) {
      const result = await live.as({ sub: "someone" }, (client) => client.query(text))
      expect(result.rows, text).toEqual(rows)
    }
  })

  it("shows it to whom the file lets see it, and would notice here if it showed", async () => {
    const caller = { sub: "ann", groups: ["fraud"] }
    for (
      const text of [
        "select ssn from people",
        "select reverse(ssn) from people",
        "select pin from people where ssn like '7%'"
      ]
    ) {
      expect(leaks(await told(text, caller)), text).toBe(true)
    }
  })
})
