import { loadModule } from "libpg-query"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type LocalPostgres, startPostgres } from "../../../../config/demo/local-postgres.ts"
import { declaredSnapshot } from "../../../../protocols/postgres/analysis/catalogue/declared.ts"
import { examine } from "../../../../protocols/postgres/analysis/examine.ts"
import type { Finding } from "../../../../protocols/postgres/analysis/finding.ts"
import { type Answer, ask } from "../../../fixtures/corpus/compare.ts"
import { numbered } from "../../../fixtures/corpus/corpus.ts"
import { claimOf, contradiction } from "../../../fixtures/twins/claims.ts"
import { Dice } from "../../../fixtures/twins/dice.ts"
import { makeTwins, type Twins, type Variant } from "../../../fixtures/twins/schema.ts"
import { statementOf } from "../../../fixtures/twins/statements.ts"

/**
 * Lineage against PostgreSQL itself, without a gateway: where the analysis says that an output does not hang on a
 * column, two databases that differ in that column only must show the same there. `FUZZ_RUNS` is the number of
 * statements; each schema has a share of them.
 */
const statements = Number(process.env["FUZZ_RUNS"] ?? 300)
const statementsPerSchema = 1000
const seed = Number(process.env["TWINS_SEED"] ?? 7)
const perStatement = 3

let server: LocalPostgres
beforeAll(async () => {
  await loadModule()
  server = await startPostgres({ settings: { autovacuum: "off" } })
})
afterAll(() => server.stop())

/** Clients of a schema's databases: the first one, and one for each column that differs. */
interface Databases {
  readonly one: pg.Client
  readonly variants: ReadonlyArray<{ readonly variant: Variant; readonly client: pg.Client }>
  readonly close: () => Promise<void>
}

const connect = async (database: string): Promise<pg.Client> => {
  const { password, port, user } = server
  const client = new pg.Client({ host: "127.0.0.1", port, user, password, database })
  await client.connect()
  return client
}

const build = async (twins: Twins, name: string): Promise<Databases> => {
  const root = await connect("template1")
  const make = async (database: string, from: string, texts: ReadonlyArray<string>): Promise<pg.Client> => {
    await root.query(`create database ${database} template ${from}`)
    const client = await connect(database)
    for (const text of texts) await client.query(text)
    return client
  }
  await (await make(name, "template0", twins.options.schema)).end()
  const variants: Array<Databases["variants"][number]> = []
  for (const [i, variant] of twins.variants.entries()) {
    variants.push({ variant, client: await make(`${name}_${i}`, name, variant.statements) })
  }
  await root.end()
  const one = await connect(name)
  return {
    one,
    variants,
    close: async () => {
      for (const client of [one, ...variants.map((each) => each.client)]) await client.end()
    }
  }
}

/** What a statement came to: the analysis, and the answers of the first database and of some that differ. */
interface Observed {
  readonly text: string
  readonly finding: Finding
  readonly answer: Answer
  readonly others: ReadonlyArray<{ readonly variant: Variant; readonly answer: Answer }>
}

/** Columns of the tables that a text names, and of one that it does not, in a random order. */
const chosen = (databases: Databases, text: string, dice: Dice) => {
  const named = databases.variants.filter(({ variant }) =>
    text.includes(variant.column) || text.includes(variant.table) || / v[01]\b/.test(text)
  )
  return Array.from({ length: perStatement }, () => dice.pick(named.length > 0 ? named : databases.variants))
}

const observe = async (visit: (observed: Observed) => void): Promise<void> => {
  for (let at = 0; at < statements; at += statementsPerSchema) {
    const twins = makeTwins(seed + at)
    const databases = await build(twins, `lineage_${at}`)
    const snapshot = declaredSnapshot(
      `${twins.options.schema.filter((text) => text.startsWith("create")).join(";\n")};`
    )
    for (let i = at; i < Math.min(at + statementsPerSchema, statements); i++) {
      const text = statementOf(twins, seed * 1_000_003 + i)
      const [query] = numbered("random", [text])
      const answer = await ask(databases.one, query!)
      const others = []
      for (const { client, variant } of new Set(chosen(databases, text, new Dice(i)))) {
        others.push({ variant, answer: await ask(client, query!) })
      }
      visit({ text, finding: examine(text, snapshot, undefined, 18).finding, answer, others })
    }
    await databases.close()
  }
}

/** An analysis that forgets one source of each output, or one use. */
const mutants: Readonly<Record<string, (finding: Finding) => Finding>> = {
  "a source": (finding) => ({
    ...finding,
    results: finding.results.map((result) => ({
      ...result,
      columns: result.columns.map((column) => ({ ...column, sources: column.sources.slice(1) }))
    }))
  }),
  "a condition": (finding) => ({ ...finding, uses: finding.uses.filter(({ use }) => use !== "predicate") }),
  "an order": (finding) => ({ ...finding, uses: finding.uses.filter(({ use }) => use !== "order") }),
  "a group": (finding) => ({ ...finding, uses: finding.uses.filter(({ use }) => use !== "group") })
}

const isAnswered = ({ _tag }: Answer): boolean => _tag === "Rows"

describe("lineage, against two databases that differ in one column", () => {
  it("misses nothing", async () => {
    const missed: Array<string> = []
    const killed = new Set<string>()
    const count = { statements: 0, answered: 0, unresolved: 0, pairs: 0, free: 0, tainted: 0, unchanged: 0 }
    await observe(({ answer, finding, others, text }) => {
      count.statements++
      if (isAnswered(answer)) count.answered++
      if (finding.unresolved !== undefined) {
        if (isAnswered(answer)) count.unresolved++
        return
      }
      for (const { answer: other, variant } of others) {
        const table = `public.${variant.table}`
        const claim = claimOf(finding, table, variant.column)
        const what = contradiction(claim, answer, other)
        if (what !== undefined) missed.push(`${table}.${variant.column}: ${what}: ${text}`)
        count.pairs++
        if (!claim.steers && claim.outputs.size === 0) count.free++
        else if (isAnswered(answer) && isAnswered(other)) {
          count.tainted++
          if (JSON.stringify(answer) === JSON.stringify(other)) count.unchanged++
        }
        for (const [name, mutate] of Object.entries(mutants)) {
          if (contradiction(claimOf(mutate(finding), table, variant.column), answer, other) !== undefined)
            killed.add(name)
        }
      }
    })
    console.info(`missed ${missed.length}; ${JSON.stringify(count)}`)
    expect(missed, missed.slice(0, 5).join("\n")).toEqual([])
    expect(count.answered).toBeGreaterThan(statements / 2)
    expect(count.free).toBeGreaterThan(count.pairs / 10)
    expect([...killed].toSorted()).toEqual(Object.keys(mutants).toSorted())
  }, 3_600_000)
})
