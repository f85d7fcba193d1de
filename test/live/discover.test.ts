import { readFileSync, writeFileSync } from "node:fs"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { parse } from "yaml"
import { Live, type LiveOptions } from "../fixtures/live.ts"

const options: LiveOptions = {
  schema: [
    // Opaque names.
    "create table public.kd (id int primary key, c1 text, c2 text, c3 varchar(40), c4 text[], c5 jsonb)",
    `insert into public.kd select i, 'jane' || i || '@mail.example.org', 'lot ' || i, '49 30 9018' || (2000 + i),
      array['max' || i || '@mail.example.org'], jsonb_build_object('to', 'eva' || i || '@mail.example.org', 'n', i)
      from generate_series(1, 60) i`,
    // Names that mislead, either way.
    "create table public.parts (email_count int, ssn text, title text)",
    `insert into public.parts select i, 'bolt ' || chr(97 + i % 26) || chr(97 + i % 7), 'bob' || i || '@mail.example.org'
      from generate_series(1, 60) i`,
    "create table public.empty (id int, date_of_birth date, amount numeric)",
    "create table public.closed (iban text, n int)",
    "create table public.half (id int, phone text, seen text)",
    `insert into public.half select i, '+49 30 9018' || (2000 + i), 'amy' || i || '@mail.example.org'
      from generate_series(1, 50) i`,
    "create table public.secured (id int, email text)",
    "alter table public.secured enable row level security",
    "create view public.all_kd as select * from public.kd",
    "create materialized view public.kept as select c1 as x from public.kd",
    // A view and a type whose own code would run with the gateway's rights.
    `create function public.trap() returns text language plpgsql
      as $$ begin raise log 'the trap ran'; return 'x'; end $$`,
    "create view public.trapped as select public.trap() as email",
    "create type public.mood as enum ('fine', 'bad')",
    `create function public.said(public.mood) returns text language plpgsql
      as $$ begin raise log 'the trap ran'; return 'x'; end $$`,
    "create cast (public.mood as text) with function public.said(public.mood)",
    "create table public.moods (m public.mood, mail text)",
    "insert into public.moods values ('fine', 'zoe@mail.example.org')",
    "create schema other",
    "create table other.big (id int, who text) with (fillfactor = 10)",
    "insert into other.big select i, 'kim' || i || '@mail.example.org' from generate_series(1, 30000) i",
    "create table other.years (at date, mail text) partition by range (at)",
    "create table other.y1 partition of other.years for values from ('2020-01-01') to ('2021-01-01')",
    "insert into other.years select '2020-02-02', 'ivo' || i || '@mail.example.org' from generate_series(1, 30) i",
    // What the guide shows.
    "create schema shop",
    "create table shop.customers (id int, mail text, c7 text, birth_date date)",
    `insert into shop.customers select i, 'eve' || i || '@mail.example.org', '+49 30 9018' || (2000 + i),
      '1980-01-01'::date + i * 37 from generate_series(1, 120) i`,
    "create table shop.tickets (id int, said text)",
    `insert into shop.tickets select i, 'I can be reached as eve' || i || '@mail.example.org, please answer there'
      from generate_series(1, 40) i`,
    "analyze",
    "create role looker login password 'looker-only'",
    "grant usage on schema other, shop to looker",
    "grant select on all tables in schema public, other, shop to looker",
    "revoke all on public.closed, public.half from looker",
    "grant select (id, seen) on public.half to looker",
    "revoke all on schema other from public"
  ],
  residency: `  zones: { eu: { includes: [de] } }
  data_sets:
    # who buys
    people:
      home: [eu]
      on:
        orders:
          tables:
            public.kd: { c3: phone } # by hand
            public.p*: {}
            shop.customers: { mail: email } # as declared
  parties: { all: { match: { issuer: "http://127.0.0.1" }, at: de, clearance: [eu] } }`,
  credential: "LOOKER",
  secrets: { LOOKER: "looker:looker-only" }
}

let live: Live
let original: string
beforeAll(async () => {
  live = await Live.start(options)
  await live.down()
  original = readFileSync(live.file, "utf8")
}, 60_000)
afterAll(() => live.stop())
beforeEach(() => writeFileSync(live.file, original))

const discover = (...words: ReadonlyArray<string>) =>
  live.command("discover", "--config", live.file, "--tables-per-second", "1000", ...words)
/** The tables that the credential cannot read. */
const unreadable = ["public.closed", "public.secured"].flatMap((table) => ["--allow-unread", table])
const tablesIn = (set: string): unknown =>
  parse(readFileSync(live.file, "utf8")).residency.data_sets[set]?.on.orders.tables

describe("discover", () => {
  it("proposes what columns hold, whatever they are called, and changes nothing", async () => {
    const { status, stderr, stdout } = await discover()
    expect(stderr).toContain("without a kind in the file")
    expect(status).toBe(0)
    expect(readFileSync(live.file, "utf8")).toBe(original)
    expect(stdout).toContain("+            # c1: 60 of 60 values have its form")
    expect(stdout).toContain("+            public.kd: { c3: phone, c1: email, c4: email, c5: free_text } # by hand")
    expect(stdout).not.toMatch(/^[+-].*who buys/m)
    expect(stdout + stderr).not.toContain("example.org")
  })

  it("writes it, keeps the file's own words, and then has nothing more to say", async () => {
    expect((await discover("--check")).status).toBe(1)
    expect((await discover("--write")).status).toBe(0)
    const text = readFileSync(live.file, "utf8")
    expect(text).toContain("# who buys")
    expect(text).toContain("# by hand")
    expect(tablesIn("people")).toEqual({
      "public.kd": { c3: "phone", c1: "email", c4: "email", c5: "free_text" },
      "public.p*": {},
      "shop.customers": { mail: "email", c7: "phone", birth_date: "date_of_birth" },
      "public.parts": { title: "email" }
    })
    expect(tablesIn("discovered")).toEqual({
      "other.big": { who: "email" },
      "other.years": { mail: "email" },
      "public.closed": { iban: "iban" },
      "public.empty": { date_of_birth: "date_of_birth" },
      "public.half": { phone: "phone", seen: "email" },
      "public.kept": { x: "email" },
      "public.moods": { mail: "email" },
      "public.secured": { email: "email" },
      "shop.tickets": { said: "free_text" }
    })
    expect(parse(text).residency.data_sets.discovered.home).toEqual(["eu"])
    expect(await live.command("check", "--config", live.file)).toMatchObject({ status: 0 })
    expect(await discover("--check", ...unreadable)).toMatchObject({ status: 0, stdout: "" })
    expect((await discover()).stdout).toBe("")
  })

  it("fails in the night when a sensitive column is new", async () => {
    await discover("--write")
    await live.direct((client) => client.query("alter table public.empty add contact_email text"))
    const { status, stdout } = await discover("--check", ...unreadable)
    await live.direct((client) => client.query("alter table public.empty drop contact_email"))
    expect({ status, stdout }).toEqual({
      status: 1,
      stdout: "public.empty.contact_email: email # its name says so\n"
    })
  })

  it("fails in the night over what it could not read, unless that was said to be well", async () => {
    await discover("--write")
    const some = await discover("--check", "--allow-unread", "public.closed")
    expect(some).toMatchObject({ status: 1, stdout: "" })
    expect(some.stderr).toContain("1 table could not be read: public.secured. Let the gateway's credential")
    expect(await discover("--check")).toMatchObject({ status: 1 })
    expect(await discover("--check", "--allow-unread", "*")).toMatchObject({ status: 0 })
    expect(await discover("--check", "--schema", "shop")).toMatchObject({ status: 0 })
  })

  it("says what it could not read, and judges that by names", async () => {
    const { unread } = JSON.parse((await discover("--json")).stdout)
    const reasons = new Map(unread.map((one: { table: string; reason: string }) => [one.table, one.reason]))
    expect([...reasons.keys()]).toEqual(["public.closed", "public.secured"])
    expect(reasons.get("public.closed")).toBe("the credential may not read it")
    expect(reasons.get("public.secured")).toContain("row security")
  })

  it("waits for no lock for long", async () => {
    await live.direct(async (client) => {
      await client.query("begin; lock table public.kd in access exclusive mode")
      const { stderr } = await discover("--check")
      expect(stderr).toContain("public.kd was judged by its columns' names alone: it is locked")
      expect(stderr).not.toContain("public.parts was")
      await client.query("rollback")
    })
  })

  it("runs no code of the upstream's users, and only reads", async () => {
    const before = live.upstreamLog().length
    await discover()
    const log = live.upstreamLog().slice(before)
    expect(log).toContain("begin transaction read only")
    expect(log).not.toContain("the trap ran")
    expect(log).not.toMatch(/from public\.(trapped|all_kd|secured)/)
  })

  it("looks at no more than it is told", async () => {
    const before = live.upstreamLog().length
    const { stdout } = await discover("--schema", "other", "--sample", "7", "--json")
    const { sensitive, tables } = JSON.parse(stdout)
    expect(tables).toBe(2)
    expect(sensitive.map(({ evidence, table }: any) => [table, evidence[0]])).toEqual([
      ["other.big", "7 of 7 values have its form"],
      ["other.years", "7 of 7 values have its form"]
    ])
    expect(live.upstreamLog().slice(before)).not.toContain("from public.kd")
  })

  it("prints what the guide shows", async () => {
    const page = readFileSync(new URL("../../docs/guide/detection.md", import.meta.url), "utf8")
    const shown = /\n```diff\n([^]*?)```\n/.exec(page)![1]!
    const { stderr, stdout } = await discover("--schema", "shop")
    expect(stdout).toBe(shown)
    expect(page).toContain(`\n${stderr.split("\n")[0]}\n`)
  })

  it("keeps to its pace", async () => {
    const began = performance.now()
    await discover("--schema", "other", "--tables-per-second", "1")
    expect(performance.now() - began).toBeGreaterThan(990)
  })

  it.each([
    ["--sample", "0"],
    ["--sample", "many"],
    ["--tables-per-second", "0"],
    ["--pipeline", "none"],
    ["--check", "--write"],
    ["--allow-unread", "public.closed"],
    ["--database", "no_such"]
  ])("refuses %s %s", async (...words) => {
    const { status, stderr, stdout } = await discover(...words)
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" })
    expect(stderr).toContain("sluice discover: ")
    expect(stderr).not.toContain("looker-only")
  })
})
