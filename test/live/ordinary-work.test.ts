import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { dumpQueries, psqlQueries, serverWithDump } from "../fixtures/corpus/clients.ts"
import { type Answer, ask, difference } from "../fixtures/corpus/compare.ts"
import { type Query, writtenQueries } from "../fixtures/corpus/corpus.ts"
import { corpusOptions, hidden } from "../fixtures/corpus/tables.ts"
import { Live } from "../fixtures/live.ts"

let live: Live
beforeAll(async () => {
  live = await Live.start({ ...corpusOptions, postgres: { programs: serverWithDump() } })
})
afterAll(() => live.stop())

/** The hidden columns by the numbers that an answer's description has for them. */
const origins = (): Promise<ReadonlySet<string>> =>
  live.direct(async (client) => {
    const { rows } = await client.query<{ readonly name: string; readonly origin: string }>(
      `select c.relname || '.' || a.attname as name, a.attrelid || '.' || a.attnum as origin
         from pg_attribute a join pg_class c on c.oid = a.attrelid where a.attnum > 0`
    )
    return new Set(rows.filter(({ name }) => hidden.has(name)).map(({ origin }) => origin))
  })

const answers = (queries: ReadonlyArray<Query>) => async (client: Parameters<typeof ask>[0]) => {
  const all: Array<Answer> = []
  for (const query of queries) all.push(await ask(client, query))
  return all
}

describe("ordinary work, behind masks", () => {
  it("is answered as without them, in all but the masked columns", async () => {
    const queries = [...writtenQueries(), ...await psqlQueries(live), ...await dumpQueries(live)]
    const known = await origins()
    const direct = await live.direct(answers(queries))
    const through = await live.as({ sub: "application" }, answers(queries))
    const refused = queries.flatMap((query, i) => {
      const why = difference(query, direct[i]!, through[i]!, known)
      return why === undefined ? [] : [`${query.name}: ${why}\n    ${query.text.replaceAll(/\s+/g, " ").slice(0, 200)}`]
    })
    console.info(`${queries.length} queries, ${refused.length} not answered alike`)
    console.info(refused.join("\n"))
    expect(queries.length).toBeGreaterThanOrEqual(500)
    expect(1 - refused.length / queries.length).toBeGreaterThanOrEqual(0.95)
  })
})
