import { describe, expect, it } from "vitest"
import type { Finding } from "../../../../protocols/postgres/analysis/finding.ts"
import { find } from "./schema.ts"

type Check = (finding: Finding) => boolean

const sees: Check = ({ unresolved, reads }) =>
  unresolved === undefined
  && reads.some(({ name, fields }) => name === "public.people" && fields?.includes("ssn") === true)
const refused: Check = ({ unresolved }) => unresolved !== undefined
const writes: Check = ({ kind }) => kind === "write"
const admin: Check = ({ kind, unresolved }) => kind === "admin" && unresolved !== undefined
const executes: Check = ({ kind, unresolved }) => kind === "execute" && unresolved !== undefined
const moves: Check = ({ kind }) => kind === "move"
const defines: Check = ({ kind }) => kind === "define"
const internals: Check = ({ reads }) => reads.some(({ kind }) => kind === "internals")
const isAdmin: Check = ({ kind }) => kind === "admin"
const onlyOrders: Check = ({ unresolved, reads }) =>
  unresolved === undefined && reads.every(({ name }) => name.includes("orders"))

/** Spellings by the identifiers of the threat list: what they must be seen as, however they are written. */
const spellings: ReadonlyArray<readonly [id: string, check: Check, ...statements: ReadonlyArray<string>]> = [
  ["P01", sees, "SELECT/**/ssn/*a/*b*/c*/FROM--x\npeople", "SELECT\fssn\vFROM\rpeople", "select ssn from--\rpeople"],
  ["P01 nested comments", refused, `SELECT ${"/*".repeat(33)}${"*/".repeat(33)} 1`, "SELECT 1 /* open"],
  [
    "P02",
    sees,
    "SELECT \"ssn\" FROM \"people\"",
    "SELECT SsN FROM PeOpLe",
    "SELECT U&\"\\0073sn\" FROM U&\"p\\0065ople\""
  ],
  ["P02 escape", sees, "SELECT ssn FROM U&\"p!0065ople\" UESCAPE '!'"],
  ["P02 quoted case", refused, "SELECT ssn FROM \"People\"", "SELECT ssn FROM \"peo\"\"ple\""],
  ["P02 function", isAdmin, "SELECT U&\"pg_\\0073leep\"(1)", "SELECT \"pg_sleep\"(1)", "SELECT pg_catalog.pg_sleep(1)"],
  [
    "P03",
    onlyOrders,
    "SELECT memo FROM orders WHERE memo = $$; SELECT ssn FROM people $$",
    "SELECT memo FROM orders WHERE memo = 'a\\'--'"
  ],
  [
    "P03 E strings",
    onlyOrders,
    "SELECT memo FROM orders WHERE memo = E'\\' OR ssn'",
    "SELECT memo FROM orders WHERE memo = 'a'\n'; select 1'"
  ],
  [
    "P03 settings",
    admin,
    "SET standard_conforming_strings = off",
    "SELECT set_config('standard_conforming_strings', 'off', true)"
  ],
  [
    "P04",
    writes,
    "WITH x AS (INSERT INTO log (line) VALUES ('a') RETURNING line) SELECT 1 FROM x",
    "WITH a AS (SELECT 1), b AS (DELETE FROM orders) SELECT * FROM a",
    "MERGE INTO orders o USING people p ON o.id = p.id WHEN MATCHED THEN DELETE",
    "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET memo = 'x'"
  ],
  ["P05", executes, "DO $$ BEGIN END $$", "DO LANGUAGE plpgsql 'begin end'", "CALL something()", "SELECT noisy(1)"],
  [
    "P05 definition",
    defines,
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE PROCEDURE p() LANGUAGE sql AS ''"
  ],
  [
    "P06",
    writes,
    "SELECT nextval('counter')",
    "SELECT pg_notify('a', 'b')",
    "SELECT lo_unlink(1)",
    "SELECT add_log('x')"
  ],
  ["P06 backends", isAdmin, "SELECT pg_terminate_backend(pid) FROM (VALUES (1)) v (pid)", "SELECT pg_reload_conf()"],
  [
    "P06 where it hides",
    isAdmin,
    "SELECT 1 FROM people WHERE pg_sleep(1) IS NULL",
    "SELECT 1 ORDER BY pg_sleep(1)",
    "SELECT 1 LIMIT (SELECT 1 FROM pg_sleep(1))",
    "VALUES (pg_sleep(1))",
    "SELECT count(*) FILTER (WHERE pg_sleep(1) IS NULL) FROM orders",
    "SELECT sum(id) OVER (ORDER BY pg_sleep(1)) FROM orders",
    "SELECT id FROM orders GROUP BY id, pg_sleep(1)"
  ],
  [
    "P07",
    moves,
    "SELECT * FROM dblink('host=a', 'SELECT 1') AS t (x int)",
    "SELECT dblink_exec('x', 'y')",
    "SELECT secret FROM remote",
    "IMPORT FOREIGN SCHEMA s FROM SERVER far INTO public",
    "CREATE SUBSCRIPTION s CONNECTION 'host=evil' PUBLICATION p"
  ],
  [
    "P08",
    moves,
    "COPY people TO PROGRAM 'curl'",
    "COPY people FROM PROGRAM 'cat'",
    "COPY people TO '/tmp/x'",
    "COPY people FROM '/tmp/x'",
    "COPY (SELECT ssn FROM people) TO PROGRAM 'sh'"
  ],
  [
    "P09",
    refused,
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SELECT pg_read_binary_file('x')",
    "SELECT pg_stat_file('x')",
    "SELECT lo_export(1, '/tmp/x')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT * FROM pg_ls_waldir()"
  ],
  [
    "P10",
    sees,
    "SELECT number FROM named",
    "SELECT n2 FROM renamed",
    "SELECT held FROM kept",
    "TABLE people",
    "SELECT ssn FROM ONLY people"
  ],
  ["P10 rule", refused, "INSERT INTO ruled VALUES (1)"],
  ["P11", executes, "SELECT ssn === 'x' FROM people", "SELECT either(1)", "SELECT 1 OPERATOR(public.===) 2"],
  [
    "P11 path",
    admin,
    "SET search_path = hr",
    "SET LOCAL search_path TO hr",
    "SELECT set_config('search_path', 'hr', true)",
    "SELECT set_config('search' || '_path', 'hr', true)",
    "SET SCHEMA 'hr'"
  ],
  [
    "P12",
    sees,
    "PREPARE a AS SELECT ssn FROM people; EXECUTE a",
    "DECLARE c CURSOR FOR SELECT ssn FROM people; FETCH c",
    "DECLARE c SCROLL CURSOR WITH HOLD FOR TABLE people; MOVE c"
  ],
  [
    "P12 unknown",
    refused,
    "EXECUTE a",
    "FETCH ALL FROM c",
    "MOVE c",
    "PREPARE a AS SELECT ssn FROM people; DEALLOCATE a; EXECUTE a"
  ],
  [
    "P13",
    writes,
    "EXPLAIN ANALYZE DELETE FROM people",
    "EXPLAIN (ANALYZE, VERBOSE) UPDATE people SET name = ssn",
    "EXPLAIN ANALYZE WITH x AS (DELETE FROM people RETURNING 1) SELECT * FROM x"
  ],
  ["P13 execute", refused, "EXPLAIN ANALYZE EXECUTE a"],
  [
    "P14",
    defines,
    "SELECT ssn INTO leak FROM people",
    "CREATE TABLE leak AS SELECT ssn FROM people",
    "CREATE TEMP TABLE leak AS TABLE people",
    "CREATE MATERIALIZED VIEW leak AS SELECT ssn FROM people"
  ],
  [
    "P14 carries",
    sees,
    "SELECT ssn INTO leak FROM people",
    "CREATE TEMP TABLE leak AS TABLE people",
    "INSERT INTO log (line) SELECT ssn FROM people"
  ],
  [
    "P15",
    admin,
    "SET ROLE x",
    "SET LOCAL ROLE x",
    "SET SESSION AUTHORIZATION x",
    "SET row_security = off",
    "SET session_replication_role = replica"
  ],
  [
    "P16",
    writes,
    "SET TRANSACTION READ ONLY; DELETE FROM people",
    "BEGIN READ ONLY; COMMIT; BEGIN; DELETE FROM people"
  ],
  ["P17", writes, `${"SELECT 1;".repeat(900)} DELETE FROM people`, ";;; DELETE FROM people ;;"],
  ["P17 too many", refused, "SELECT 1;".repeat(1001)],
  [
    "P18",
    refused,
    "SELECT '\ud800'",
    "SELECT '\udc00x'",
    "SELECT 1\0; SELECT 2",
    "SET client_encoding = 'GBK'",
    "SET NAMES 'BIG5'"
  ],
  ["P19", refused, "\\! id", "\\copy people to x", "SELECT 1 \\gexec"],
  [
    "P20",
    refused,
    "SELECT query_to_xml('SELECT ssn FROM people', true, true, '')",
    "SELECT table_to_xml('people', true, true, '')",
    "SELECT cursor_to_xml('c', 1, true, true, '')",
    "SELECT database_to_xml(true, true, '')",
    "SELECT * FROM ts_stat('SELECT 1')",
    "SELECT cron.schedule('a', 'b', 'c')",
    "SELECT xpath_table('a', 'b', 'people', 'c', 'd')"
  ],
  [
    "P21",
    internals,
    "SELECT most_common_vals FROM pg_stats",
    "SELECT query FROM pg_stat_activity",
    "SELECT * FROM pg_catalog.pg_statistic",
    "SELECT statement FROM pg_prepared_statements",
    "SELECT * FROM pg_largeobject",
    "SELECT rolpassword FROM pg_authid",
    "SELECT * FROM pg_shadow"
  ],
  [
    "P21 functions",
    refused,
    "SELECT * FROM pg_stat_get_activity(NULL)",
    "SELECT pg_stat_get_backend_activity(1)",
    "SELECT * FROM pg_cursor()"
  ],
  [
    "P22",
    defines,
    "CREATE EXTENSION dblink",
    "CREATE CAST (text AS integer) WITH FUNCTION twice(integer)",
    "CREATE DOMAIN d AS text",
    "CREATE RULE r AS ON INSERT TO people DO NOTHING",
    "COMMENT ON TABLE people IS 'x'",
    "CREATE POLICY p ON people USING (true)"
  ],
  ["P22 gravest", isAdmin, "ALTER SYSTEM SET x = 1", "LOAD 'x'", "SECURITY LABEL ON TABLE people IS 'x'"],
  [
    "P23",
    isAdmin,
    "GRANT ALL ON people TO x",
    "REVOKE ALL ON people FROM x",
    "ALTER ROLE x SUPERUSER",
    "REASSIGN OWNED BY a TO b",
    "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO x",
    "CREATE USER x",
    "DROP OWNED BY x",
    "GRANT a TO b"
  ],
  [
    "P24",
    refused,
    "SELECT ssn FROM \u212Aeople",
    "SELECT s\u017Fn FROM people",
    `SELECT ${"a".repeat(64)} FROM people`,
    `SELECT "${"é".repeat(32)}"`
  ],
  ["P25", refused, "SELEC 1", "SELECT FROM WHERE", "SELECT 1_000", "SELECT 0x1F", "MATCH (n) RETURN n"],
  [
    "P26",
    isAdmin,
    "LOCK TABLE people",
    "VACUUM FULL people",
    "CLUSTER people",
    "REINDEX TABLE people",
    "SELECT pg_sleep(1)",
    "CHECKPOINT"
  ],
  ["P26 locks", writes, "SELECT pg_advisory_lock(1)", "SELECT pg_try_advisory_xact_lock(1, 2)"]
]

describe("evasive spellings", () => {
  for (const [id, check, ...statements] of spellings) {
    it.each(statements.map((statement) => [statement]))(`${id}: %s`, (statement) => {
      const finding = find(statement)
      expect(check(finding), JSON.stringify({ kind: finding.kind, because: finding.unresolved })).toBe(true)
    })
  }

  it("P25: understands what changed with the version only where the upstream does too", async () => {
    const { examine } = await import("../../../../protocols/postgres/analysis/examine.ts")
    const { snapshot } = await import("./schema.ts")
    const at = (major: number) => examine("SELECT 1_000", snapshot, undefined, major).finding.unresolved
    expect([at(15), at(16), at(18)]).toEqual([
      "a number with letters or underscores means something else before PostgreSQL 16",
      undefined,
      undefined
    ])
  })
})
