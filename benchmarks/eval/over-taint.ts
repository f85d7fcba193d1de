import { readFileSync } from "node:fs"
import { join } from "node:path"
import { loadModule } from "libpg-query"
import pg from "pg"
import { type LocalPostgres, startPostgres } from "../../config/demo/local-postgres.ts"
import { declaredSnapshot } from "../../protocols/postgres/analysis/catalogue/declared.ts"
import type { Snapshot } from "../../protocols/postgres/analysis/catalogue/snapshot.ts"
import { examine } from "../../protocols/postgres/analysis/examine.ts"
import { writtenQueries } from "../../test/fixtures/corpus/corpus.ts"
import { makeTwins } from "../../test/fixtures/twins/schema.ts"
import { statementOf } from "../../test/fixtures/twins/statements.ts"
import { type Row, share } from "./count.ts"
import { readJson } from "./data.ts"
import { schemaOf } from "./lineage.ts"
import { type Asked, Influence, type Said } from "./worlds/influence.ts"
import { saidOf } from "./worlds/said.ts"

/** How many worlds are tried before a claim counts as over-taint. */
const worldsMost = 24
const randomStatements = 100
const randomSeed = 5

/** Claims of one sort, and those for which no world was found. */
interface Claims {
  all: number
  idle: number
}

interface Counts {
  readonly statements: { asked: number; measured: number }
  /** An output and a column that its value is said to come from; and those of columns that steer nothing beside. */
  readonly flows: Claims
  readonly flowsAlone: Claims
  /**
   * Outputs that are said to come from any column: idle where none of its columns was seen in it. Apart from those of
   * statements that write: RETURNING shows what they wrote themselves, and counts as the column that it was written to.
   */
  readonly outputs: Claims
  readonly returned: Claims
  /** What no world can be made for: views of the server, results of functions, outputs that vary by themselves. */
  unmeasured: number
}

const counts = (): Counts => ({
  statements: { asked: 0, measured: 0 },
  flows: { all: 0, idle: 0 },
  flowsAlone: { all: 0, idle: 0 },
  outputs: { all: 0, idle: 0 },
  returned: { all: 0, idle: 0 },
  unmeasured: 0
})

/** Copies come as a stream, and plans tell of statistics: neither hangs on the rows as they are. */
const isUnseen = /^\s*(?:copy|explain)\b/i

interface Suite {
  readonly name: string
  readonly schema: ReadonlyArray<string>
  readonly snapshot: Snapshot
  readonly statements: ReadonlyArray<Asked>
}

const suitesOf = (folder: string): ReadonlyArray<Suite> => {
  const text = readFileSync(join(folder, "lineage/schema.sql"), "utf8")
  const { cases } = readJson(folder, "lineage/pg_battery_66.json") as { cases: ReadonlyArray<{ readonly sql: string }> }
  const corpus = readFileSync(new URL("../../test/fixtures/corpus/schema.sql", import.meta.url), "utf8")
  const twins = makeTwins(randomSeed)
  const created = twins.options.schema.filter((statement) => statement.startsWith("create"))
  return [
    {
      name: "battery",
      schema: [text],
      snapshot: schemaOf(text).snapshot,
      statements: cases.map(({ sql }) => ({ text: sql }))
    },
    { name: "ordinary work", schema: [corpus], snapshot: declaredSnapshot(corpus), statements: writtenQueries() },
    {
      name: "random statements",
      schema: twins.options.schema,
      snapshot: declaredSnapshot(`${created.join(";\n")};`),
      statements: Array.from(
        { length: randomStatements },
        (_, i) => ({ text: statementOf(twins, randomSeed * 1_000_003 + i) })
      )
    }
  ]
}

/** Which columns of tables an answer is said to hang on, and what of that can be seen. */
export const overTaint = async (folder: string, debug: boolean): Promise<ReadonlyArray<Row>> => {
  await loadModule()
  const server = await startPostgres({ settings: { autovacuum: "off" } })
  try {
    const rows: Array<Row> = []
    for (const [i, suite] of suitesOf(folder).entries())
      rows.push(...await measure(server, `worlds_${i}`, suite, debug))
    return rows
  } finally {
    await server.stop()
  }
}

const connect = async ({ password, port, user }: LocalPostgres, database: string): Promise<pg.Client> => {
  const client = new pg.Client({ host: "127.0.0.1", port, user, password, database })
  await client.connect()
  return client
}

const measure = async (
  server: LocalPostgres,
  database: string,
  suite: Suite,
  debug: boolean
): Promise<ReadonlyArray<Row>> => {
  const root = await connect(server, "postgres")
  await root.query(`create database ${database} template template0`)
  await root.end()
  const client = await connect(server, database)
  try {
    for (const text of suite.schema) await client.query(text)
    const influence = await Influence.open(client, worldsMost)
    const seen = counts()
    for (const asked of suite.statements) await examined(influence, suite, asked, seen, debug)
    return rowsOf(suite.name, seen)
  } finally {
    await client.end()
  }
}

const examined = async (
  influence: Influence,
  { name, snapshot }: Suite,
  asked: Asked,
  seen: Counts,
  debug: boolean
): Promise<void> => {
  seen.statements.asked++
  const finding = examine(asked.text, snapshot, undefined, 18).finding
  const said = saidOf(finding)
  if (finding.unresolved !== undefined || said.length === 0 || isUnseen.test(asked.text)) return
  const varying = await influence.varying(asked)
  if (varying === undefined) return
  seen.statements.measured++
  const reads = finding.reads.map((resource) => resource.name)
  const claims = said.filter((one) => influence.has(one)).map((one) => ({
    ...one,
    outputs: new Set([...one.outputs].filter((at) => !varying.has(at)))
  }))
  seen.unmeasured += said.length - claims.length
  const found = await influence.of(asked, claims, reads)
  const idle = counted(seen, finding.writes.length > 0 ? seen.returned : seen.outputs, found)
  if (debug && idle.length > 0) console.error(`over-taint ${name}: ${idle.join(", ")}: ${asked.text}`)
}

/** Counts what was seen, and names what was not. */
const counted = (
  seen: Counts,
  outputs: Claims,
  found: ReadonlyMap<Said, ReadonlySet<number>>
): ReadonlyArray<string> => {
  const idle: Array<string> = []
  const isSeen = new Map<number, boolean>()
  for (const [{ column, outputs: claimed, steers, table }, changed] of found) {
    for (const at of claimed) {
      isSeen.set(at, isSeen.get(at) === true || changed.has(at))
      for (const claims of steers ? [seen.flows] : [seen.flows, seen.flowsAlone]) count(claims, !changed.has(at))
      if (!changed.has(at)) idle.push(`${table}.${column} in output ${at}`)
    }
  }
  for (const one of isSeen.values()) count(outputs, !one)
  return idle
}

const count = (claims: Claims, isIdle: boolean): void => {
  claims.all++
  if (isIdle) claims.idle++
}

const rowsOf = (name: string, seen: Counts): ReadonlyArray<Row> => {
  const row = (type: string, { all, idle }: Claims): Row => ({
    suite: `over-taint, ${name}`,
    type,
    share: all === 0 ? 0 : share(idle, all),
    count: idle,
    of: all
  })
  const { measured, asked } = seen.statements
  const reading = row("outputs", seen.outputs)
  const { all, idle } = { all: seen.outputs.all + seen.returned.all, idle: seen.outputs.idle + seen.returned.idle }
  const every = row("outputs, with those of RETURNING", { all, idle })
  return [
    { suite: `over-taint, ${name}`, type: "statements measured", count: measured, of: asked },
    reading,
    { ...every, goal: "share ≤ 0.03", reached: every.share! <= 0.03 },
    row("output and column", seen.flows),
    row("output and column that does not steer", seen.flowsAlone),
    { suite: `over-taint, ${name}`, type: "columns not measured", count: seen.unmeasured, of: seen.unmeasured }
  ]
}
