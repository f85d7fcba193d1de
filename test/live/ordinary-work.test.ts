import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { dumpQueries, psqlQueries, serverWithDump } from "../fixtures/corpus/clients.ts"
import { type Answer, ask, difference } from "../fixtures/corpus/compare.ts"
import { type Query, writtenQueries } from "../fixtures/corpus/corpus.ts"
import { corpusOptions, hidden } from "../fixtures/corpus/tables.ts"
import { Live } from "../fixtures/live.ts"

/** What share of ordinary queries must be answered as without masks, but for the masked columns. */
const shareMin = 0.95

let live: Live
beforeAll(async () => {
  live = await Live.start({ ...corpusOptions, postgres: { programs: serverWithDump() } })
})
afterAll(() => live.stop())

/** The hidden columns by name, and by the numbers that an answer's description has for them. */
const hiddenHere = (): Promise<ReadonlySet<string>> =>
  live.direct(async (client) => {
    const { rows } = await client.query<{ readonly name: string; readonly origin: string }>(
      `select c.relname || '.' || a.attname as name, a.attrelid || '.' || a.attnum as origin
         from pg_attribute a join pg_class c on c.oid = a.attrelid where a.attnum > 0`
    )
    return new Set(rows.filter(({ name }) => hidden.has(name)).flatMap(({ name, origin }) => [name, origin]))
  })

const answers = (queries: ReadonlyArray<Query>) => async (client: Parameters<typeof ask>[0]) => {
  const all: Array<Answer> = []
  for (const query of queries) all.push(await ask(client, query))
  return all
}

interface Outcome {
  readonly query: Query
  readonly why: string | undefined
}

/** Each query and why its answer is not the direct one with masks in it. */
const asked = async (queries: ReadonlyArray<Query>): Promise<ReadonlyArray<Outcome>> => {
  const known = await hiddenHere()
  const direct = await live.direct(answers(queries))
  const through = await live.as({ sub: "application" }, answers(queries))
  return queries.map((query, i) => ({ query, why: difference(query, direct[i]!, through[i]!, known) }))
}

const sourceOf = ({ name }: Query): string => name.split(" ")[0]!
const notAlike = (outcomes: ReadonlyArray<Outcome>) => outcomes.filter(({ why }) => why !== undefined)
const share = (outcomes: ReadonlyArray<Outcome>): number => 1 - notAlike(outcomes).length / outcomes.length

/** The guide's table, by where the queries come from. */
const tableOf = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<string> => {
  const bySource = Map.groupBy(outcomes, ({ query }) => sourceOf(query))
  return [...bySource].map(([source, of]) => `| ${source} | ${of.length - notAlike(of).length} of ${of.length} |`)
}

const golden = new URL("../fixtures/corpus/", import.meta.url)

describe("ordinary work, behind masks", () => {
  it("is answered as without them, in all but the masked columns", async () => {
    const outcomes = await asked(writtenQueries())
    const list = notAlike(outcomes).map(({ query, why }) => `${query.name}: ${why}\n  ${query.text.slice(0, 150)}\n`)
    await expect(list.join("")).toMatchFileSnapshot(new URL("not-alike.txt", golden).pathname)
    const guide = readFileSync(new URL("../../docs/guide/masking.md", import.meta.url), "utf8").replaceAll(
      / +\|/g,
      " |"
    )
    const table = tableOf(outcomes)
    for (const line of table) expect(guide, table.join("\n")).toContain(line)
    expect(share(outcomes)).toBeGreaterThanOrEqual(shareMin)
  })

  it("goes on with what psql and pg_dump read, whatever their version", async () => {
    const outcomes = await asked([...await psqlQueries(live), ...await dumpQueries(live)])
    const known = readFileSync(new URL("not-alike-clients.txt", golden), "utf8")
    console.info(tableOf(outcomes).join("\n"))
    for (const { query, why } of notAlike(outcomes)) expect(known, `${query.name}: ${query.text}`).toContain(why!)
    const written = writtenQueries().length
    expect(written + outcomes.length).toBeGreaterThanOrEqual(500)
    expect(share(outcomes)).toBeGreaterThanOrEqual(shareMin)
  })

  it("would be found to differ by a single cell, and by a value that is not masked", () => {
    const query: Query = { name: "x", text: "select", params: undefined, masked: new Set(["b"]), varies: new Set() }
    const answer = (a: string, b: string): Answer => ({
      _tag: "Rows",
      tag: "SELECT 1",
      columns: ["a", "b"].map((name) => ({ name, origin: "" })),
      rows: [[a, b]]
    })
    expect(difference(query, answer("1", "Ada"), answer("1", "****"), new Set())).toBeUndefined()
    expect(difference(query, answer("1", "Ada"), answer("2", "****"), new Set())).toContain("row 0")
    expect(difference(query, answer("1", "Ada"), answer("1", "Ada"), new Set())).toContain("in clear")
  })
})
