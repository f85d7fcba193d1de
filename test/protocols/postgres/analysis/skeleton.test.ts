import fc from "fast-check"
import { parseSync } from "libpg-query"
import { describe, expect, it } from "vitest"
import { skeletonOf } from "../../../../protocols/postgres/analysis/skeleton.ts"
import { find } from "./schema.ts"

type Skeleton = (text: string) => string | undefined

/** Where `?` stands comes a literal; where `@` stands, a condition. */
const statements: ReadonlyArray<string> = [
  "SELECT id, ssn FROM people WHERE @",
  "SELECT name FROM people p JOIN orders o ON p.id = o.person_id AND @ LIMIT ? OFFSET ?",
  "SELECT memo, ?, ? AS x FROM orders WHERE @ ORDER BY ?",
  "SELECT memo, count(*) FROM orders GROUP BY ? HAVING count(*) > ?",
  "SELECT count(*), sum(total) FROM orders HAVING count(*) >= ? AND count(total) >= ?",
  "SELECT total + ?, total - ?, total * ?, memo || ? FROM orders ORDER BY total - ?, ?",
  "SELECT set_config(?, ?, true)",
  "SELECT set_config('search_path', ?, false), pg_sleep(?)",
  "SELECT dblink(?, ?), ssn_of(?), twice(x => ?), either(?), either(? + ?)",
  "SELECT * FROM query_to_xml(?, true, false, ?) WHERE @",
  "SELECT ?::regclass, ?::text, CAST(? AS hr.grade), date ?, interval ? day",
  "SELECT nextval(?), to_regclass(?) = ?",
  "SELECT CASE WHEN @ THEN ? ELSE ? END FROM people",
  "SELECT E?, U&?, B?, $$?$$, $q$ ? $q$ FROM orders WHERE memo = ?",
  "SELECT id /* ? */ FROM orders -- ?\nWHERE id = ?",
  "SELECT notes -> ?, notes ->> ?, notes #>> ? FROM people WHERE notes <> ?",
  "SELECT (ARRAY[?, ?])[?], ROW(?, ?) FROM orders WHERE id = ANY(?)",
  "SELECT count(*) FILTER (WHERE @), rank() OVER (ORDER BY id ROWS ? PRECEDING) FROM orders",
  "SELECT a FROM (VALUES (?, ?), (?, ? + ?)) AS v (a, b) WHERE a = ? FETCH FIRST ? ROWS ONLY",
  "WITH w AS (SELECT ssn FROM people WHERE @ LIMIT ?) SELECT ssn FROM w WHERE ssn <> ?",
  "SELECT id FROM orders WHERE @ UNION SELECT ? UNION ALL SELECT id FROM hr.staff WHERE level = ?",
  "INSERT INTO log (line) VALUES (?), (? ), (? || ?), (lower(?))",
  "INSERT INTO orders (id, memo) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET memo = ?, total = ? + ? RETURNING id",
  "UPDATE people SET name = ?, ssn = upper(?), born = ? WHERE @",
  "UPDATE touched SET secret = ? FROM orders WHERE touched.id = orders.id AND @",
  "DELETE FROM orders WHERE @ RETURNING memo, ?",
  "VALUES (?, ?), (?, ?) ORDER BY ? LIMIT ?",
  "SELECT id FROM orders WHERE id = ?; SELECT ssn FROM people WHERE id = ?",
  "SELECT ssn FROM people WHERE id = ?; ",
  "SELECT ssn AS \"?\" FROM people WHERE \"id\" = ? AND \"a\"\"b\" = ?",
  "SET search_path = ?",
  "PREPARE q AS SELECT ssn FROM people WHERE id = ?",
  "COPY (SELECT ssn FROM people WHERE id = ?) TO STDOUT"
]

const conditions: ReadonlyArray<string> = [
  "id = ?",
  "id=? and name<>?",
  "id BETWEEN ? AND ?",
  "id NOT BETWEEN SYMMETRIC ? AND ?",
  "id IN (?, ?)",
  "name LIKE ? ESCAPE ?",
  "name ilike ?",
  "name = ? COLLATE \"C\"",
  "name = ?::text",
  "name === ?",
  "total >= - ?",
  "? < id",
  "id != ANY(ARRAY[?, ?])",
  "(SELECT ssn FROM people LIMIT ?) > ?",
  "EXISTS (SELECT 1 FROM hr.staff WHERE badge = ? AND boss = ?)",
  "name IS NOT DISTINCT FROM ?",
  "id = $1 + ? AND id - ? > $2",
  "tableoid = ?::regclass",
  "name = ?\n'more'",
  "NOT (@ OR @)"
]

const contents = [
  "",
  "a",
  "1",
  "2",
  "people",
  "search_path",
  "application_name",
  "'' OR ''1",
  "--",
  "/* x",
  "*/",
  "\\",
  "$$",
  ";",
  "ü\n",
  "{1,2}",
  "0"
]
const strings = fc.constantFrom(...contents).map((content) => `'${content}'`)
const numbers = fc.oneof(
  fc.integer({ min: 0, max: 3 }).map(String),
  fc.constantFrom("7", "42", "000", "999999999", "1000000000", "9999999999", "1.5", ".5", "1e3", "0x1f", "1_0")
)
const literals = fc.oneof(strings, numbers, fc.constantFrom("E'\\''", "U&'\\0061'", "$$x$$", "NULL", "true"))

/** A statement's text around its literals. */
const frames: fc.Arbitrary<ReadonlyArray<string>> = fc.tuple(
  fc.constantFrom(...statements),
  fc.array(fc.constantFrom(...conditions), { minLength: 6, maxLength: 6 })
).map(([statement, chosen]) => {
  let text = statement
  for (const condition of chosen) text = text.replace("@", () => condition)
  return text.replaceAll("@", "id = 1").split("?")
})

/** Two texts that differ in some of their literals and in nothing else. */
const pairs = frames.chain((frame) => {
  const hole = fc.oneof(
    { weight: 6, arbitrary: fc.oneof(strings, numbers).map((literal): [string, string] => [literal, literal]) },
    { weight: 3, arbitrary: fc.tuple(strings, strings) },
    { weight: 3, arbitrary: fc.tuple(numbers, numbers) },
    { weight: 1, arbitrary: fc.tuple(literals, literals) }
  )
  return fc.array(hole, { minLength: frame.length - 1, maxLength: frame.length - 1 }).map((holes) => ({
    one: frame.map((part, i) => i === 0 ? part : holes[i - 1]![0] + part).join(""),
    other: frame.map((part, i) => i === 0 ? part : holes[i - 1]![1] + part).join("")
  }))
})

/** Runs the property that a cache by skeleton stands on; returns how often two different texts shared one. */
const shareWhatTheyTouch = (skeleton: Skeleton, numRuns: number): number => {
  let shared = 0
  fc.assert(
    fc.property(pairs, ({ one, other }) => {
      const key = skeleton(one)
      if (one === other || key === undefined || key !== skeleton(other)) return
      shared++
      expect(find(other)).toEqual(find(one))
    }),
    { numRuns }
  )
  return shared
}

/** The tree of a text, places and the values of constants left out; undefined where the grammar refuses it. */
const treeOf = (text: string): string | undefined => {
  try {
    return JSON.stringify(parseSync(text), (key, value) => {
      if (/location$|list_(start|end)$|^stmt_len$/.test(key)) return undefined
      return key === "A_Const" ? Object.keys(value).filter((name) => name !== "location") : value
    })
  } catch {
    return undefined
  }
}

/** Keeps a statement's shape: the same tokens in the same places, whatever the values were. */
const keepsItsTree = (skeleton: Skeleton, numRuns: number): number => {
  let understood = 0
  fc.assert(
    fc.property(pairs, ({ one }) => {
      const key = skeleton(one)
      if (key === undefined) return
      const tree = treeOf(one)
      if (tree !== undefined) understood++
      expect(treeOf(key)).toBe(tree)
    }),
    { numRuns }
  )
  return understood
}

/** Mutant: arguments are taken out too. */
const withoutArguments: Skeleton = (text) => (skeletonOf(text) ?? text).replaceAll(/([(,]\s*)'[^']*'/g, "$1''")

/** Mutant: every whole number is, positions too. */
const withoutNumbers: Skeleton = (text) => (skeletonOf(text) ?? text).replaceAll(/\b\d{1,9}\b/g, "0")

/** Mutant: a literal before a cast is taken for a value, and the cast with it. */
const withoutCasts: Skeleton = (text) => skeletonOf(text.replaceAll(/::\w+/g, ""))

/** Mutant: the numbers of HAVING are taken out, and prove any number of rows. */
const withoutHaving: Skeleton = (text) => skeletonOf(text.replace(/having/i, "WHERE"))

describe("the skeleton of a text", () => {
  it("is shared only by texts that touch the same", () => {
    expect(shareWhatTheyTouch(skeletonOf, 4000)).toBeGreaterThan(200)
  })

  it("has the tree of its text, but for the values of constants", () => {
    expect(keepsItsTree(skeletonOf, 4000)).toBeGreaterThan(400)
  })

  it("mutants: taking out arguments, positions, casts or what HAVING counts is noticed", () => {
    expect(() => shareWhatTheyTouch(withoutArguments, 20_000)).toThrow()
    expect(() => shareWhatTheyTouch(withoutNumbers, 20_000)).toThrow()
    expect(() => shareWhatTheyTouch(withoutHaving, 20_000)).toThrow()
    expect(() => keepsItsTree(withoutCasts, 4000)).toThrow()
  })

  it.each([
    ["SELECT ssn FROM people WHERE id = 1", "SELECT ssn FROM people WHERE id = 22"],
    ["select ssn from people where name='a' limit 5", "select ssn from people where name='it''s' limit 10"],
    ["INSERT INTO log (line) VALUES ('a'), ('b')", "INSERT INTO log (line) VALUES ('--'), ('c')"],
    ["UPDATE people SET name = 'a' WHERE id + 1 = 2", "UPDATE people SET name = '' WHERE id + 3 = 4"]
  ])("is shared by %s and %s", (one, other) => {
    expect(skeletonOf(one)).toBeDefined()
    expect(skeletonOf(other)).toBe(skeletonOf(one))
  })

  it.each([
    ["SELECT ssn FROM people WHERE id = 1 ORDER BY 1", "SELECT ssn FROM people WHERE id = 1 ORDER BY 2"],
    ["SELECT id FROM orders WHERE id = 1 GROUP BY 1", "SELECT id FROM orders WHERE id = 1 GROUP BY 2"],
    ["SELECT set_config('a', 'b', true) LIMIT 1", "SELECT set_config('search_path', 'b', true) LIMIT 1"],
    ["SELECT dblink('a') WHERE 1 = 1", "SELECT dblink('b') WHERE 1 = 1"],
    ["SELECT 1 WHERE 1 = twice(x => 1)", "SELECT 1 WHERE 1 = twice(x => 2)"],
    ["SELECT 1 WHERE 1 = 'people'::regclass", "SELECT 1 WHERE 1 = 'orders'::regclass"],
    ["SELECT id FROM orders WHERE id = 1", "SELECT id FROM orders WHERE id = '1'"],
    ["SELECT id FROM orders WHERE id = 1", "SELECT id FROM orders WHERE id = 1000000000"],
    ["SELECT id FROM orders WHERE id = 1", "SELECT id FROM orders WHERE id = 1.0"],
    ["SELECT id FROM orders WHERE id IN (1)", "SELECT id FROM orders WHERE id IN (1, 2)"],
    ["SELECT count(*) FROM orders HAVING count(*) >= 1", "SELECT count(*) FROM orders HAVING count(*) >= 50"],
    ["INSERT INTO log VALUES ('a')", "INSERT INTO log VALUES (now(), 'a')"],
    ["SELECT 1 WHERE '1' = 'a'", "SELECT 1 WHERE '1' = 'a' OR ssn = ''"]
  ])("is not shared by %s and %s", (one, other) => {
    expect(skeletonOf(one) ?? one).not.toBe(skeletonOf(other) ?? other)
  })

  it.each([
    "SELECT 1; SELECT ssn FROM people WHERE id = 2",
    "SELECT id FROM orders WHERE memo = E'\\''",
    "SELECT id FROM orders WHERE memo = U&'a'",
    "SELECT id FROM orders WHERE memo = $$a$$ AND id = 1",
    "SELECT id FROM orders WHERE id = 1 -- ' ",
    "SELECT id /* ' */ FROM orders WHERE id = 1",
    "SELECT id FROM orders WHERE memo = 'open",
    "SET search_path = 'a'",
    "DO 'a'"
  ])("is not made of %s", (text) => {
    expect(skeletonOf(text)).toBeUndefined()
  })
})
