import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { ColumnRef } from "../../core/family/sql/index.ts"
import { loadModule } from "libpg-query"
import { declaredSnapshot } from "../../protocols/postgres/analysis/catalogue/declared.ts"
import { examine } from "../../protocols/postgres/analysis/examine.ts"
import type { Finding } from "../../protocols/postgres/analysis/finding.ts"
import { type Row, share } from "./count.ts"
import { readJson } from "./data.ts"

/** `[relation, attribute]`, one that only steers, or a function that nobody can look into. */
type Source = readonly [number, number] | readonly ["I", number, number] | readonly ["FUNC" | "DYN", number]

interface Case {
  readonly name: string
  readonly sql: string
  readonly outputs: ReadonlyArray<readonly [name: string, sources: ReadonlyArray<Source>]> | null
}

/** The relations of the schema by the number that the cases give them. */
const relations = new Map([
  [16386, "app.customers"],
  [16393, "app.orders"],
  [16407, "app.audit"],
  [16421, "app.mv"],
  [16432, "app.part"]
])

/** Below it are the relations that come with the server (FirstNormalObjectId). */
const firstUserNumber = 16384

type Outcome = "exact" | "fail-closed" | "wider" | "missed"

/** What the analysis says of each statement, against what PostgreSQL's own analysed tree says. */
export const lineage = async (folder: string, debug: boolean): Promise<ReadonlyArray<Row>> => {
  await loadModule()
  const { columns, snapshot } = schemaOf(readFileSync(join(folder, "lineage/schema.sql"), "utf8"))
  const { cases } = readJson(folder, "lineage/pg_battery_66.json") as { cases: ReadonlyArray<Case> }
  const counts: Record<Outcome, number> = { exact: 0, "fail-closed": 0, wider: 0, missed: 0 }
  for (const one of cases) {
    const finding = examine(one.sql, snapshot).finding
    const outcome = judge(one, finding, columns)
    counts[outcome]++
    if (debug && outcome !== "exact")
      console.error(`lineage ${one.name}: ${outcome} ${finding.unresolved ?? JSON.stringify(finding.results)}`)
  }
  const right = counts.exact + counts["fail-closed"]
  return [
    ...Object.entries(counts).map(([type, count]): Row => ({ suite: "lineage", type, count, of: cases.length })),
    {
      suite: "lineage",
      type: "exact or fail-closed",
      share: share(right, cases.length),
      count: right,
      of: cases.length,
      goal: "all",
      reached: right === cases.length
    }
  ]
}

/** The catalogue of the schema's definitions; what fills it with rows and rights is left out. */
export const schemaOf = (text: string) => {
  const statements = text.split(/;\s*(?:\n|$|(?=create |insert |grant ))/).map((statement) => statement.trim())
  const kept = statements.filter((statement) => /^create (?!role)|^set /i.test(statement))
  const qualified = kept.map((statement) =>
    statement.replace(/^create (table|view|materialized view|function|index) (?!app\.)/i, "create $1 app.")
  )
  const snapshot = declaredSnapshot(`${qualified.join(";\n")};`)
  const columns = new Map<string, ReadonlyArray<string>>()
  for (const statement of kept) {
    const match = /^create table (\w+)\s*\(((?:[^()]|\([^()]*\))*)\)/i.exec(statement)
    if (match === null) continue
    const names = match[2]!.split(/,(?![^(]*\))/).map((column) => column.trim().split(/\s+/)[0]!)
    columns.set(`app.${match[1]}`, names)
  }
  columns.set("app.mv", ["id", "s4"])
  return { snapshot: { ...snapshot, path: ["app", "public"] } as typeof snapshot, columns }
}

const named = ({ column, table }: ColumnRef): string => `${table}.${column}`

/** A materialised view's column counts as what it was made from, too. */
const sameAs: Readonly<Record<string, string>> = { "app.mv.s4": "app.customers.ssn" }

const judge = (one: Case, finding: Finding, columns: ReadonlyMap<string, ReadonlyArray<string>>): Outcome => {
  if (finding.unresolved !== undefined) return "fail-closed"
  const outputs = finding.results.at(-1)?.columns
  if (outputs === undefined) return "missed"
  // Where the reference could not say, each output must at least be known to come from somewhere.
  if (one.outputs === null) return outputs.every(({ sources }) => sources.length > 0) ? "exact" : "missed"
  if (outputs.length !== one.outputs.length) return "missed"
  let outcome: Outcome = "exact"
  one.outputs.forEach(([, sources], i) => {
    const got = new Set(outputs[i]!.sources.map(named))
    const wanted = new Set<string>()
    const steering = new Set<string>()
    for (const source of sources) {
      if (source[0] === "FUNC" || source[0] === "DYN") wanted.add("app.customers.ssn")
      else if (source[0] === "I") expand(source[1], source[2], columns).forEach((name) => steering.add(name))
      else expand(source[0], source[1], columns).forEach((name) => wanted.add(name))
    }
    for (const name of wanted) {
      if (!got.has(name) && !got.has(sameAs[name] ?? name)) outcome = "missed"
    }
    const used = new Set(finding.uses.map(named))
    for (const name of steering) if (!got.has(name) && !used.has(name)) outcome = "missed"
    const known = new Set([...wanted, ...steering, ...[...wanted].map((name) => sameAs[name] ?? name)])
    // A view of the server's own counts as the relations under it.
    const isSystem = sources.some((source) => typeof source[0] === "number" && source[0] < firstUserNumber)
    const isKnown = (name: string): boolean => known.has(name) || (isSystem && name.startsWith("pg_catalog."))
    if (outcome === "exact" && ![...got].every(isKnown)) outcome = "wider"
  })
  return outcome
}

/** Attribute 0 is the whole row; those below are the system's. */
const expand = (
  relation: number,
  attribute: number,
  columns: ReadonlyMap<string, ReadonlyArray<string>>
): ReadonlyArray<string> => {
  const table = relations.get(relation)
  if (table === undefined || attribute < 0) return []
  const names = columns.get(table) ?? []
  return attribute === 0 ? names.map((name) => `${table}.${name}`) : [`${table}.${names[attribute - 1]}`]
}
