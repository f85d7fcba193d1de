import type { ConfinedTable, Projection, Unprojected } from "../../../../core/family/sql/index.ts"
import { descendants } from "../catalogue/lookup.ts"
import { canonicalName, type Relation, type Snapshot } from "../catalogue/snapshot.ts"
import { examine, type Examined } from "../examine.ts"
import { type Mention, Mentions } from "../resolve/mentions.ts"
import type { SessionNames } from "../session-names.ts"
import { groupingSplices } from "./grouping-splice.ts"
import { mentionSpan } from "./mention-span.ts"
import { conditionOf, projectedRelation } from "./projected-relation.ts"
import { quoted } from "./constant.ts"
import { type Splice, spliced } from "./splices.ts"
import { Tokens } from "./tokens.ts"

/** What a text is examined in. */
export interface Surroundings {
  readonly snapshot: Snapshot
  readonly names: SessionNames
  readonly major: number | undefined
}

/** A text that reads what it reads through a projection, and what it was found to touch then. */
export interface Projected {
  readonly text: string
  readonly examined: Examined
  readonly confined: ReadonlyArray<ConfinedTable>
}

/** The longest text that may come of a rewriting, in UTF-16 units: where others would have to wait, and where not. */
export const inlineResultMax = 12_288
const resultMax = 1_048_576

/**
 * Replaces each relation that a text names in FROM by a query over it, at its place in the text, and leaves every other
 * byte as it is. The result is examined like any other text, so that whoever asked can see what it still touches; where
 * it does not answer with the same columns, it is refused.
 */
export const project = (
  text: string,
  around: Surroundings,
  projection: Projection,
  charactersMax = resultMax
): Projected | Unprojected => {
  const mentions = new Mentions()
  const before = examine(text, around.snapshot, around.names, around.major, mentions)
  if (before.finding.unresolved !== undefined) return unprojected(before.finding.unresolved, plainSql)
  const refused = refusedTag(before.finding.tags)
  if (refused !== undefined) return refused
  const confined = confinedBy(around.snapshot, projection, mentions)
  if ("_tag" in confined) return confined
  const result = replaced(text, around.snapshot, mentions, projection)
  if (typeof result !== "string") return result
  if (result.length > charactersMax) {
    return resultTooLong
  }
  const examined = examine(result, around.snapshot, around.names, around.major)
  return disagreement(before, examined) ?? { text: result, examined, confined }
}

export const resultTooLong: Unprojected = {
  _tag: "Unprojected",
  reason: "so many columns of so many tables are not rewritten",
  remedy: "Read fewer tables in one statement."
}

export const unprojected = (reason: string, remedy: string): Unprojected => ({ _tag: "Unprojected", reason, remedy })

const plainSql = "Spell the statement out in plain SQL."

/** What runs a text that was sent before, or shows how one would run. */
const refusedTag = (tags: ReadonlyArray<string>): Unprojected | undefined => {
  if (tags.includes("EXPLAIN")) {
    return unprojected("EXPLAIN shows how values are distributed", "Explain a statement that leaves these columns out.")
  }
  const runs = tags.find((tag) => tag === "EXECUTE" || tag === "FETCH" || tag === "MOVE")
  return runs === undefined
    ? undefined
    : unprojected(
      `${runs} runs what was sent before, which cannot be rewritten any more`,
      "Prepare or declare it again."
    )
}

/** The tables of which only some rows may be read, or the first that the text has another path to. */
const confinedBy = (
  snapshot: Snapshot,
  projection: Projection,
  { all, elsewhere }: Mentions
): ReadonlyArray<ConfinedTable> | Unprojected => {
  if (projection.rows === undefined) return []
  const confined = new Map<string, ConfinedTable>()
  for (const name of elsewhere) {
    const relation = snapshot.relations.get(name)
    if (relation !== undefined && conditionOf(snapshot, projection, relation) !== undefined) return byOtherPath(name)
  }
  for (const { range, relation } of all.values()) {
    const condition = conditionOf(snapshot, projection, relation)
    const name = canonicalName(relation.schema, relation.name)
    if (condition !== undefined) confined.set(name, { table: name, ...condition })
    else if (range["inh"] === true) {
      const part = descendants(snapshot, name).find((child) => isConfined(snapshot, projection, child))
      if (part !== undefined) return byOtherPath(part)
    }
  }
  return [...confined.values()]
}

const isConfined = (snapshot: Snapshot, projection: Projection, name: string): boolean => {
  const relation: Relation | undefined = snapshot.relations.get(name)
  return relation !== undefined && conditionOf(snapshot, projection, relation) !== undefined
}

const byOtherPath = (table: string): Unprojected =>
  unprojected(
    `${table} is read otherwise than by its name in FROM, where its rows cannot be chosen`,
    "Name the table itself in FROM: not a view or a function over it, nor as the target of a write or a COPY."
  )

const replaced = (
  text: string,
  snapshot: Snapshot,
  mentions: Mentions,
  projection: Projection
): string | Unprojected => {
  const { all, qualified } = mentions
  const tokens = Tokens.of(text)
  if (tokens === undefined) return unprojected("a control character in the text is not understood", plainSql)
  const splices: Array<Splice> = []
  const projected = new Set<number>()
  for (const mention of all.values()) {
    const span = mentionSpan(tokens, mention)
    if (span === undefined) return notPlaced
    const query = projectedRelation(snapshot, mention, projection, span.sample?.text ?? "")
    if (query === undefined) continue
    projected.add(mention.at)
    splices.push({ ...span, text: subquery(mention, query, span.isTable) })
    if (span.sample !== undefined) splices.push({ ...span.sample, text: "" })
    for (const [reference, of] of qualified) {
      if (of !== mention.at) continue
      const unqualifiedFrom = schemaOf(tokens, reference)
      if (unqualifiedFrom === undefined) return notPlaced
      splices.push(unqualifiedFrom)
    }
  }
  if (splices.length === 0) return nothingNamed
  splices.push(...groupingSplices(tokens, mentions, (mention) => projected.has(mention)))
  return spliced(text, splices) ?? notPlaced
}

const notPlaced = unprojected("a relation does not stand in the text as it is understood", plainSql)
const nothingNamed = unprojected(
  "what it uses is not named in FROM: it is the target of the statement, or stands in a view, a function or a policy",
  "Read the table itself in FROM."
)

/** A query in brackets, under the name that the mention had. */
const subquery = ({ range }: Mention, query: string, isTable: boolean): string => {
  const alias = range["alias"] === undefined ? ` as ${quoted(range["relname"] as string)}` : ""
  return `${isTable ? "select * from " : ""}(${query})${alias}`
}

/** The schema in front of a reference, with its dot: what was a relation has no schema any more. */
const schemaOf = (tokens: Tokens, reference: number): Splice | undefined => {
  const first = tokens.at(reference)
  const dot = first < 0 ? -1 : tokens.behindName(first)
  return dot < 0 || tokens.word(dot) !== "."
    ? undefined
    : { start: tokens.start(first), end: tokens.end(dot), text: "" }
}

/** Why the rewritten text cannot stand for the asked one, or undefined. */
const disagreement = (before: Examined, after: Examined): Unprojected | undefined => {
  const reason = after.finding.unresolved
  if (reason !== undefined) {
    return unprojected(
      `with the columns masked where they are read, it is not understood any more: ${reason}`,
      "Use neither system columns nor the row's own type of these tables."
    )
  }
  const same = shapeOf(before) === shapeOf(after) && before.finding.kind === after.finding.kind
  return same ? undefined : notPlaced
}

const shapeOf = ({ finding }: Examined): string =>
  JSON.stringify([finding.tags, finding.results.map(({ columns, copy }) => [columns.map(({ name }) => name), copy])])
