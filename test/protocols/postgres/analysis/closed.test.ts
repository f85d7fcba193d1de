import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { declaredSnapshot } from "../../../../protocols/postgres/analysis/catalogue/declared.ts"
import {
  emptySnapshot,
  type Relation,
  type Snapshot
} from "../../../../protocols/postgres/analysis/catalogue/snapshot.ts"
import { examine } from "../../../../protocols/postgres/analysis/examine.ts"
import { analysis } from "../../../../protocols/postgres/analysis/index.ts"
import { lineage, short } from "./schema.ts"

const judge = (definitions: string, text: string) => examine(text, declaredSnapshot(definitions)).finding

const dynamic = (name: string, args: string, returns: string): string =>
  `CREATE FUNCTION ${name}(${args}) RETURNS ${returns} LANGUAGE plpgsql
    AS $$ BEGIN EXECUTE 'SELECT 1'; RETURN NULL; END $$;`

const people = "CREATE TABLE people (id integer, ssn text);"

describe("what stays closed", () => {
  it.each([
    ["SELECT nothing FROM people", "a column that is not known"],
    ["SELECT ssn FROM people a, people b", "an ambiguous column name"],
    ["SELECT people.ssn FROM people, people", "a table name that stands twice"],
    ["SELECT x.people.ssn FROM people", "a column that is not known"],
    ["SELECT a.b.c.d.e FROM people", "a column name of four parts"],
    ["SELECT * FROM other.people", "a relation that is not known"],
    ["SELECT * FROM db.public.people", "a name that starts with a database"],
    ["SELECT 1::nothing", "a type that is not known"],
    ["SELECT nothing(1)", "a function that is not known"],
    ["SELECT upper(1, 2, 3)", "a function that is not known"],
    ["SELECT * FROM XMLTABLE('/a' PASSING '<a/>' COLUMNS x text)", "RangeTableFunc in FROM"],
    ["SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3)) AS t", "ROWS FROM with several functions"],
    ["WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a", "used before it is defined"],
    [
      "WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n FROM t) SEARCH DEPTH FIRST BY n SET o SELECT * FROM t",
      "SEARCH or CYCLE"
    ],
    ["SELECT ssn FROM people ORDER BY 7", "a position outside the outputs"],
    ["SELECT * FROM (SELECT 1) AS t (a, b)", "an alias with more columns than there are"],
    ["SELECT 1 UNION SELECT 1, 2", "a set operation of unequal widths"],
    ["INSERT INTO people (nothing) VALUES (1)", "a column that is not known"],
    ["SELECT (row(1, 2)).*", ".* of an expression"],
    ["SELECT u FROM unnest(to_tsvector('a')) AS u", "unnest of something that may be no array"]
  ])("%s: %s", (text, reason) => {
    const finding = judge(people, text)
    expect(finding.unresolved).toContain(reason)
    expect(finding.results).toEqual([])
  })

  it("judges an operator that someone defined under a built-in one's name, wherever it runs", () => {
    const schema = `${people}${dynamic("same", "a text, b text", "boolean")}
      CREATE OPERATOR = (FUNCTION = same, LEFTARG = text, RIGHTARG = text);`
    for (
      const text of [
        "SELECT 1 FROM people WHERE ssn = 'x'",
        "SELECT ssn IN ('x') FROM people",
        "SELECT CASE ssn WHEN 'x' THEN 1 END FROM people",
        "SELECT nullif(ssn, 'x') FROM people",
        "SELECT 1 FROM people a JOIN people b USING (id)",
        "SELECT 1 WHERE 'x' IN (SELECT ssn FROM people)",
        "SELECT 1 FROM people WHERE ssn = ANY (ARRAY['x'])"
      ]
    )
      expect([text, judge(schema, text).kind, judge(schema, text).unresolved === undefined]).toEqual([
        text,
        "execute",
        false
      ])
    expect(judge(schema, "SELECT ssn OPERATOR(pg_catalog.=) 'x' FROM people").unresolved).toBeUndefined()
  })

  it("judges casts that someone defined: implicit ones in every statement", () => {
    const explicit = `${people} CREATE TYPE mood AS ENUM ('a'); ${dynamic("to_mood", "t text", "mood")}
      CREATE CAST (text AS mood) WITH FUNCTION to_mood(text);`
    expect(judge(explicit, "SELECT ssn::mood FROM people").kind).toBe("execute")
    expect(judge(explicit, "SELECT ssn FROM people").unresolved).toBeUndefined()
    const implicit = explicit.replace("to_mood(text);", "to_mood(text) AS IMPLICIT;")
    expect(judge(implicit, "SELECT ssn FROM people").kind).toBe("execute")
  })

  it("judges a domain's check, a default, a generated column and a view by the functions in them", () => {
    const bad = dynamic("bad", "t text", "text")
    expect(judge(`${bad} CREATE DOMAIN d AS text CHECK (bad(VALUE) = 'x');`, "SELECT 'x'::d").kind).toBe("execute")
    expect(judge(`${bad} CREATE TABLE t (a text DEFAULT bad('x'), b text);`, "INSERT INTO t (b) VALUES ('x')").kind)
      .toBe("execute")
    expect(
      judge(`${bad} CREATE TABLE t (a text DEFAULT bad('x'), b text);`, "INSERT INTO t (a) VALUES ('x')").unresolved
    )
      .toBeUndefined()
    expect(judge(`${people} ${bad} CREATE VIEW v AS SELECT id FROM people;`, "SELECT bad('x'), id FROM v").kind).toBe(
      "execute"
    )
  })

  it("looks into functions that define things, and refuses them", () => {
    const schema = `${people} CREATE FUNCTION make() RETURNS void LANGUAGE sql AS 'CREATE TABLE x (a integer)';`
    expect(judge(schema, "SELECT make()").unresolved).toContain("CreateStmt in a function's body")
  })

  it("knows nothing after EXPLAIN ANALYZE has made a table", () => {
    const finding = judge(people, "EXPLAIN ANALYZE CREATE TABLE x AS SELECT ssn FROM people; SELECT ssn FROM people")
    expect(finding.unresolved).toContain("what follows a definition")
  })

  it("follows definitions in one text, so that a name does not mean what it meant before", () => {
    const schema = `CREATE SCHEMA app; SET search_path = app, public;
      CREATE TABLE public.people (ssn text); CREATE TABLE app.people (ssn text);`
    const dropped = judge(schema, "DROP TABLE people; CREATE TABLE leak AS SELECT ssn FROM people")
    expect(short(dropped.reads)).toContain("table people[ssn]")
    expect(short(judge(schema, "DROP TABLE people; DROP TABLE people").writes))
      .toBe("server definitions[*] table app.people[*] table people[*]")
    const gone = judge(schema, "DROP SCHEMA app CASCADE; CREATE TABLE leak AS SELECT ssn FROM people")
    expect(short(gone.reads)).toBe("table people[ssn]")
    expect(judge(schema, "DROP TABLE people; SELECT ssn FROM people").unresolved).toContain("what follows a definition")
    const lost = judge(schema, "CREATE TABLE x OF y; CREATE TABLE leak AS SELECT ssn FROM people")
    expect(lost.unresolved).toContain("CREATE TABLE OF")
  })

  it("uses the search_path that a function sets for itself", () => {
    const schema = `CREATE SCHEMA other; CREATE TABLE other.people (ssn text); ${people}
      CREATE FUNCTION f() RETURNS text LANGUAGE sql SET search_path = other AS 'SELECT ssn FROM people';`
    expect(lineage(judge(schema, "SELECT f()"))).toBe("f=derived(other.people.ssn)")
  })

  it("gives up on views that multiply, without exhausting anything", () => {
    const views = Array.from(
      { length: 15 },
      (_, level) =>
        `CREATE VIEW v${level + 1} AS SELECT a.id FROM ${level === 0 ? "people" : `v${level}`} a, ${
          level === 0 ? "people" : `v${level}`
        } b;`
    )
    const layered = views.slice(0, 3).join("")
    expect(judge(people + layered, "SELECT id FROM v3").unresolved).toBeUndefined()
    const base = declaredSnapshot(people)
    const relations = new Map(base.relations)
    const define = (level: number): Relation => ({
      ...base.relations.get("public.people")!,
      name: `v${level}`,
      kind: "view",
      columns: [{ name: "id", type: "integer" }],
      definition: { text: `SELECT a.id FROM v${level - 1} a, v${level - 1} b, v${level - 1} c`, path: ["public"] }
    })
    relations.set("public.v0", { ...define(0), definition: { text: "SELECT id FROM people", path: ["public"] } })
    for (let level = 1; level <= 14; level++) relations.set(`public.v${level}`, define(level))
    expect(examine("SELECT id FROM v14", { ...base, relations }).finding.unresolved).toContain("so many queries")
  })

  it("follows row security, and a foreign key that leads back to itself", () => {
    const tree = "CREATE TABLE tree (id integer PRIMARY KEY, up integer REFERENCES tree (id) ON DELETE CASCADE);"
    expect(short(judge(tree, "DELETE FROM tree").writes)).toBe("table tree[*]")
    const base = declaredSnapshot(people)
    const relations = new Map(base.relations)
    relations.set("public.people", { ...relations.get("public.people")!, policies: ["(ssn = current_user)"] })
    const secured: Snapshot = { ...base, relations }
    expect(examine("SELECT id FROM people", secured).finding.uses).toContainEqual({
      table: "public.people",
      column: "ssn",
      use: "predicate"
    })
  })

  it("does not take a newer server's system relation for one that the upstream does not have", () => {
    const bare: Relation = {
      schema: "",
      name: "",
      kind: "table",
      columns: [],
      parents: [],
      triggers: [],
      rules: [],
      policies: []
    }
    const relations = new Map([
      ["pg_catalog.pg_class", { ...bare, schema: "pg_catalog", name: "pg_class" }],
      ["public.pg_stat_io", {
        ...bare,
        schema: "public",
        name: "pg_stat_io",
        columns: [{ name: "reads", type: "text" }]
      }]
    ])
    const { finding } = examine("SELECT reads FROM pg_stat_io", { ...emptySnapshot, relations })
    expect(lineage(finding)).toBe("reads=copy(pg_stat_io.reads)")
  })

  it("says which definition it does not understand, when it opens", async () => {
    const opened = Effect.scoped(analysis({}, { _tag: "Declared", text: "CREATE TABLE t OF nothing;" }))
    const error = await Effect.runPromise(Effect.flip(opened))
    expect(error.message).toBe(
      "The definitions cannot be used: CREATE TABLE OF is not understood. "
        + "Write them with pg_dump --schema-only, and leave out what this names."
    )
  })
})

describe("a text that is short, and a lot of work", () => {
  const columns = Array.from({ length: 1500 }, (_, i) => `c${i} text`).join(", ")
  const broad = declaredSnapshot(`CREATE TABLE broad (${columns});`)
  it.each([
    ["stars", `SELECT ${"b.*,".repeat(1500)}1 FROM broad b`],
    ["tables", `SELECT 1 FROM ${Array.from({ length: 400 }, (_, i) => `broad b${i}`).join()}`],
    ["joins", `SELECT 1 FROM broad b ${Array.from({ length: 300 }, (_, i) => `NATURAL JOIN broad b${i}`).join(" ")}`]
  ])("is refused for its %s before they are looked at", (_name, text) => {
    expect(examine(text, broad).finding.unresolved).toBe("a text that names so many columns is not understood")
  })
  it("is not refused for being broad once", () => {
    expect(examine("SELECT b.*, a.c1 FROM broad b JOIN broad a USING (c0)", broad).finding.unresolved).toBeUndefined()
  })
})
