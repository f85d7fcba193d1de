import { loadModule } from "libpg-query"
import { declaredSnapshot } from "../../../../protocols/postgres/analysis/catalogue/declared.ts"
import { examine } from "../../../../protocols/postgres/analysis/examine.ts"
import type { Finding } from "../../../../protocols/postgres/analysis/finding.ts"

/** The definitions that these tests share. */
export const definitions = `
CREATE SCHEMA hr;
CREATE TYPE hr.grade AS ENUM ('a', 'b');
CREATE DOMAIN hr.short AS text CHECK (length(VALUE) < 10);
CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL, ssn text, born date, notes jsonb,
  shout text GENERATED ALWAYS AS (upper(name)) STORED);
CREATE TABLE orders (id serial PRIMARY KEY, person_id integer REFERENCES people (id), total numeric, memo text);
CREATE TABLE hr.staff (id bigint, name text, boss bigint, level hr.grade, badge hr.short);
CREATE TABLE log (at timestamptz DEFAULT now(), line text);
CREATE TABLE events (id integer, day date, body text) PARTITION BY RANGE (day);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE vip (perk text) INHERITS (people);
CREATE TABLE audited (id integer, what text);
CREATE TABLE ruled (id integer);
CREATE VIEW named AS SELECT id, ssn AS number, lower(name) AS low FROM people WHERE born IS NOT NULL;
CREATE VIEW renamed AS SELECT number AS n2, low FROM named;
CREATE VIEW simple AS SELECT id, memo FROM orders;
CREATE MATERIALIZED VIEW kept AS SELECT id, ssn AS held, left(name, 1) AS initial FROM people;
CREATE SEQUENCE counter;
CREATE FUNCTION ssn_of(who integer) RETURNS text LANGUAGE sql STABLE AS 'SELECT ssn FROM people WHERE id = who';
CREATE FUNCTION pairs() RETURNS TABLE (a integer, b text) LANGUAGE sql STABLE AS 'SELECT id, ssn FROM people';
CREATE FUNCTION rows() RETURNS SETOF people LANGUAGE sql STABLE BEGIN ATOMIC SELECT * FROM people; END;
CREATE FUNCTION twice(x integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN x * 2;
CREATE FUNCTION noisy(x integer) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT 1'; RETURN x; END $$;
CREATE FUNCTION either(x integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION either(x text) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT 1'; RETURN 1; END $$;
CREATE FUNCTION add_log(t text) RETURNS void LANGUAGE sql AS 'INSERT INTO log (line) VALUES (t)';
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT 1'; RETURN NEW; END $$;
CREATE TRIGGER watcher BEFORE INSERT ON audited FOR EACH ROW EXECUTE FUNCTION watch();
CREATE RULE also AS ON INSERT TO ruled DO ALSO SELECT 1;
CREATE FUNCTION sneaky(a text, b text) RETURNS boolean LANGUAGE plpgsql AS
  $$ BEGIN EXECUTE 'SELECT 1'; RETURN true; END $$;
CREATE OPERATOR === (FUNCTION = sneaky, LEFTARG = text, RIGHTARG = text);
CREATE TABLE touched (id integer, secret text, changed timestamptz);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed := now(); RETURN NEW; END $$;
CREATE FUNCTION preserve() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO log (line) VALUES (OLD.secret); RETURN OLD; END $$;
CREATE TRIGGER toucher BEFORE UPDATE ON touched FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER preserver AFTER DELETE ON touched FOR EACH ROW EXECUTE FUNCTION preserve();
CREATE FUNCTION longest(who integer) RETURNS text LANGUAGE plpgsql STABLE AS $$
  DECLARE r record; found_name text;
  BEGIN
    FOR r IN SELECT * FROM orders WHERE person_id = who LOOP found_name := r.memo || found_name; END LOOP;
    IF found_name IS NULL THEN RETURN longest.who; END IF;
    RETURN found_name;
  END $$;
CREATE FUNCTION every_memo() RETURNS SETOF text LANGUAGE plpgsql STABLE AS
  $$ BEGIN RETURN QUERY SELECT memo FROM orders; END $$;
CREATE FUNCTION itself(n integer) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN itself(n - 1); END $$;
CREATE PROCEDURE note(t text) LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (line) VALUES (t); END $$;
CREATE PROCEDURE settle() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
CREATE TABLE parent (id integer PRIMARY KEY);
CREATE TABLE child (id integer, parent_id integer REFERENCES parent (id) ON DELETE CASCADE ON UPDATE SET NULL);
CREATE TABLE grandchild (id integer);
ALTER TABLE child ADD PRIMARY KEY (id);
ALTER TABLE grandchild ADD FOREIGN KEY (id) REFERENCES child (id) ON DELETE CASCADE;
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'db.example', port '5433', dbname 'x');
CREATE FOREIGN TABLE remote (id integer, secret text) SERVER far;
`

await loadModule()

export const snapshot = declaredSnapshot(definitions)

export const find = (text: string): Finding => examine(text, snapshot).finding

/** A resource list as short text: `table people[id,ssn]`. Fields undefined show as `[*]`. */
export const short = (resources: Finding["reads"]): string =>
  resources.map(({ kind, name, fields }) =>
    `${kind} ${name.replace("public.", "")}[${fields === undefined ? "*" : fields.toSorted().join(",")}]`
  ).toSorted().join(" ")

/** Lineage as short text: `name=copy(people.ssn)`; a source of which only its presence matters has a question mark. */
export const lineage = (finding: Finding): string =>
  finding.results.map(({ columns }) =>
    columns.map(({ name, how, sources }) => {
      const from = sources.map(({ table, column, presence }) =>
        `${table.replace("public.", "")}.${column}${presence === true ? "?" : ""}`
      ).toSorted().join(",")
      return `${name}=${how}(${from})`
    }).join(" ")
  ).join(" | ")

/** Uses as short text: `predicate people.id`. */
export const uses = (finding: Finding): string =>
  finding.uses.map(({ use, table, column }) => `${use} ${table.replace("public.", "")}.${column}`).toSorted().join(" ")
