/** Statements that are made to cost whoever reads them as much as may be, by what they are. */
export type Nasty = Readonly<Record<string, string>>

const times = (text: string, count: number): string => text.repeat(count)
const list = (count: number, item: (i: number) => string, between = ","): string =>
  Array.from({ length: count }, (_, i) => item(i)).join(between)

/** A wide table, one of many partitions, and a view of many computed columns. */
export const definitions: ReadonlyArray<string> = [
  "create table people (id integer primary key, name text, ssn text, city text)",
  `create table wide (${list(1500, (i) => `c${i} text`)})`,
  "create table parted (id integer, secret text) partition by range (id)",
  ...Array.from(
    { length: 300 },
    (_, i) => `create table parted_${i} partition of parted for values from (${i}) to (${i + 1})`
  ),
  `create view computed as select ${list(300, (i) => `c${i} || c${i + 1} as v${i}`)} from wide`
]

/** Columns that a caller sees masked. */
export const hidden: ReadonlySet<string> = new Set(["ssn", "c1", "c2", "secret"])

/** Up to 8 KB: long enough to cost much, too short for their length to say so. */
const short: Nasty = {
  "a list of numbers": `select city from people where id in (${times("1,", 3900)}1)`,
  "a list of long numbers": `select city from people where id in (${list(1300, (i) => String(10_000 + i))})`,
  "a list of strings": `select city from people where ssn in (${list(800, (i) => `'k${i}'`)})`,
  "a long conjunction": `select 1 from people where id = 1${times(" and id=1", 860)}`,
  "a long sum": `select 1${times("+1", 1400)}`,
  "many outputs": `select ${times("id,", 1600)}id from people`,
  "many masked outputs": `select ${times("ssn,", 1600)}ssn from people`,
  "many calls": `select ${times("lower(city),", 600)}1 from people`,
  "many calls over what is masked": `select ${times("reverse(ssn),", 550)}1 from people`,
  "many subqueries over what is masked": `select ${list(180, (i) => `(select min(ssn) from people p${i})`)}`,
  "many rows as texts": `select ${times("wide::text,", 700)}1 from wide`,
  "a few rows as texts": `select ${times("wide::text,", 20)}1 from wide`,
  "many rows as json": `select ${times("to_jsonb(w),", 600)}1 from wide w`,
  "many values": `values ${times("(1),", 1900)}(1)`,
  "many rows to insert": `insert into people values ${list(350, (i) => `(${i},'a','b','c')`)}`,
  "brackets in brackets": `select ${times("(", 120)}1${times(")", 120)}`,
  "subqueries in subqueries": `select ${times("(select ", 120)}1${times(")", 120)}`,
  "queries in FROM in queries": `select * from ${times("(select * from ", 100)}people${
    list(100, (i) => `) q${i}`, "")
  }`,
  "many WITH queries": `with ${list(230, (i) => `w${i} as (select id from people)`)} select 1`,
  "WITH queries of each other": `with w0 as (select * from wide)${
    list(100, (i) => `,w${i + 1} as (select * from w${i})`, "")
  } select count(*) from w100`,
  "WITH queries that double": `with w0 as (select c0||c1 as x from wide)${
    list(90, (i) => `,w${i + 1} as (select a.x||b.x as x from w${i} a, w${i} b)`, "")
  } select x from w90`,
  "many joins": `select 1 from people${list(200, (i) => ` cross join people p${i}`, "")}`,
  "many joins by a column": `select 1 from people${list(200, (i) => ` join people p${i} using (id)`, "")}`,
  "natural joins of a wide table": `select 1 from wide${list(6, (i) => ` natural join wide w${i}`, "")}`,
  "a long union": `select id from people${times(" union all select id from people", 230)}`,
  "an intersection of rows": `select * from wide intersect select * from wide`,
  "all columns of wide tables": "select * from wide a, wide b, wide c, wide d, wide e, wide f",
  "one wide table": "select * from wide",
  "distinct rows of a wide table": "select distinct * from wide",
  "conditions on many columns": `select 1 from wide where ${list(500, (i) => `c${1400 - i}='a'`, " and ")}`,
  "groups by many columns": `select count(*) from wide group by ${list(1400, (i) => `c${i}`)}`,
  "order by many columns": `select 1 from wide order by ${list(1400, (i) => `c${i}`)}`,
  "many windows": `select ${list(190, (i) => `row_number() over (partition by c${i})`)} from wide`,
  "conditions on a table of many parts": `select 1 from parted where id=1${times(" and id=1", 800)}`,
  "a table of many parts, many times": `select 1 from ${list(300, (i) => `parted p${i}`)}`,
  "what is masked of a table of many parts": `select ${times("reverse(secret),", 400)}1 from parted`,
  "all columns of a view": `select ${list(290, (i) => `v${i}`)} from computed`,
  "a view, many times": `select 1 from ${list(60, (i) => `computed v${i}`)}`,
  "many statements": times("select 1;", 900),
  "many definitions": list(280, (i) => `create temp table t${i}(a int)`, ";"),
  "a wide definition": `create temp table t (${list(700, (i) => `c${i} int`)})`,
  "a view of a wide table": "create temp view t as select * from wide",
  "a long CASE": `select case ${list(350, (i) => `when id=${i} then 1`, " ")} end from people`,
  "many casts": `select 1${times("::int", 1400)}`,
  "a statement to prepare": `prepare a as select ${times("id,", 1600)}id from people`,
  "a cursor": `declare a cursor for select ${times("ssn,", 1600)}id from people`,
  "something to explain": `explain select ${times("id,", 1600)}id from people`,
  "a COPY of a wide table": "copy (select * from wide) to stdout",
  "many comments": `select 1 ${times("/* a */ ", 900)}`,
  "comments in comments": times("/*", 4000)
}

/** Up to a megabyte. */
const long: Nasty = {
  "strings, 90 KB": `select city from people where city in (${list(9000, (i) => `'k${i}xx'`)})`,
  "masked strings, 90 KB": `select city from people where ssn in (${list(9000, (i) => `'k${i}xx'`)})`,
  "a statement to prepare, 200 KB": `prepare a as select city from people where id in (${times("1,", 99_000)}1)`,
  "calls over what is masked, 100 KB": `select ${times("reverse(ssn),", 1600)}1 from people where id in (${
    times("10000,", 13_000)
  }1)`,
  "numbers, 380 KB": `select city from people where id in (${times("1,", 190_000)}1)`,
  "strings, 1 MB": `select city from people where city in (${list(90_000, (i) => `'k${i}xx'`)})`,
  "rows to insert, 1 MB": `insert into people values ${list(55_000, (i) => `(${i},'a','b')`)}`,
  "one string, 1 MB": `select '${times("x", 1_000_000)}'`,
  "one E string, 1 MB": `select E'${times("\\x", 500_000)}'`,
  "one comment, 1 MB": `select 1 /* ${times("x ", 500_000)} */`,
  "comments in comments, 1 MB": times("/*", 520_000),
  "quotes, 1 MB": `select 'a${times("''", 500_000)}'`,
  "a string that does not end, 1 MB": `select 'a${times("'' ", 300_000)}`,
  "what is no statement, 1 MB": times("select ' x'' $$ ", 60_000),
  "statements, 1 MB": times("select 1;", 110_000),
  "spaces, 1 MB": `select ${times(" ", 1_000_000)} 1`,
  "a password, 1 MB": `alter role app password '${times("x", 1_000_000)}'`,
  "operators, 1 MB": `select 1${times("+1", 500_000)}`,
  "dollars, 1 MB": times("$a$ $b$", 140_000)
}

export const nasty: Nasty = { ...short, ...long }
