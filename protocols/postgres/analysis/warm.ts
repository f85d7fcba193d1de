import { declaredSnapshot } from "./catalogue/declared.ts"
import { examine } from "./examine.ts"

const definitions = `CREATE TABLE a (id integer PRIMARY KEY, b text, c numeric, d timestamp);
CREATE VIEW v AS SELECT b, count(*) AS n FROM a GROUP BY b;`

/** One of each common form: what they have in common is most of what any text needs. */
const texts = [
  "SELECT a.id, b, c FROM a WHERE b = 'x' AND c > 1.5 ORDER BY d DESC LIMIT 10",
  "SELECT count(*), sum(a.c) AS s FROM a JOIN v ON v.b = a.b GROUP BY a.b HAVING count(*) > 1",
  "WITH w AS (SELECT * FROM a) SELECT id, lower(b) FROM w JOIN v USING (b) WHERE id IN (SELECT id FROM a)",
  "SELECT v.* FROM v UNION ALL SELECT b, 1 FROM a",
  "INSERT INTO a (id, b) VALUES ($1, $2), (2, 'y') ON CONFLICT (id) DO UPDATE SET b = excluded.b RETURNING id",
  "UPDATE a SET b = CASE WHEN c IS NULL THEN 'x' ELSE b || 'y' END, c = c + 1 WHERE id = $1",
  "DELETE FROM a WHERE id BETWEEN 1 AND 2 OR EXISTS (SELECT 1 FROM a AS e WHERE e.id = a.id)",
  "BEGIN; SET LOCAL work_mem = '1MB'; COMMIT"
]

/**
 * Examines a few texts of our own. A process that has not parsed anything yet takes several times as long for its
 * first ones, and would make everybody wait for some client's.
 */
export const warm = (): void => {
  const snapshot = declaredSnapshot(definitions)
  for (const text of texts) examine(text, snapshot)
}
