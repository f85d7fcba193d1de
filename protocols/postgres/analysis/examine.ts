import type { Aggregation, Lineage, ResultShape } from "../../../core/family/sql/index.ts"
import { apply } from "./catalogue/apply.ts"
import { queryColumns } from "./catalogue/declared.ts"
import { Draft } from "./catalogue/draft.ts"
import type { Snapshot } from "./catalogue/snapshot.ts"
import { commandTag } from "./effects/command-tag.ts"
import { copyFormatOf } from "./effects/copy.ts"
import { isDefinition } from "./effects/define.ts"
import { examineStatement } from "./effects/examine-statement.ts"
import { examineNamed, isNamed } from "./effects/named.ts"
import { excessOf, type Finding, unknownFinding } from "./finding.ts"
import { scan } from "./guard/scan.ts"
import { isTooMuch } from "./guard/work.ts"
import { parseText } from "./parse/parser.ts"
import { type Node, type ParsedStatement, tagOf } from "./parse/tree.ts"
import { aggregationOf } from "./resolve/aggregation.ts"
import type { Context } from "./resolve/context.ts"
import { Footprint } from "./resolve/footprint.ts"
import type { Mentions } from "./resolve/mentions.ts"
import type { Column } from "./resolve/scope.ts"
import { judgeImplicitCasts } from "./resolve/types.ts"
import { typeOfColumn } from "./resolve/value-type.ts"
import { showColumns } from "./resolve/select.ts"
import { type Consequence, noNames, type SessionNames } from "./session-names.ts"
import { Unresolved, unresolved } from "./unresolved.ts"

/** What came of examining a text. */
export interface Examined {
  readonly finding: Finding
  readonly consequences: ReadonlyArray<Consequence>
  /** Whether the finding hangs on what the session has named, and so must not be kept for others. */
  readonly sessional: boolean
}

/** The most statements that one text may hold. */
const statementsMax = 1000

/**
 * What a text touches: every statement of it, in a catalogue as it was at one time. Total: whatever is not understood
 * makes the finding unresolved, and says which construct it was. `major` is the upstream's version, if known;
 * `mentions` is filled with the places where the text names what it reads.
 */
export const examine = (
  text: string,
  snapshot: Snapshot,
  names: SessionNames = noNames,
  major?: number,
  mentions?: Mentions
): Examined => {
  const refused = scan(text, major)
  if (refused !== undefined) return { finding: unknownFinding(refused), consequences: [], sessional: false }
  const footprint = new Footprint(snapshot, mentions)
  const progress = new Progress()
  try {
    const statements = parseText(text)
    if (statements.length > statementsMax) unresolved("a text of so many statements is not understood")
    for (const { tag, body } of statements) progress.tags.push(commandTag(tag, body))
    let seen = snapshot
    for (const statement of statements) {
      const context = { snapshot: seen, path: seen.path, footprint, depth: 0 }
      examineOne(context, statement, names, progress)
      if (statements.length === 1 && statement.tag === "SelectStmt") noteAggregation(context, statement.body, progress)
      seen = afterwards(seen, statement, statements.length)
      footprint.snapshot = seen
    }
  } catch (error) {
    if (isTooMuch(error)) throw error
    progress.unresolved = reasonOf(error)
    if (footprint.kind === "session") footprint.kind = "unknown"
  }
  return { finding: findingOf(footprint, progress), consequences: progress.consequences, sessional: progress.sessional }
}

/** Only of a text that is one statement: beside another one, it is not alone with what it read. */
const noteAggregation = (context: Context, body: ParsedStatement["body"], progress: Progress): void => {
  const aggregation: Aggregation | undefined = aggregationOf(context, body)
  const [result] = progress.results
  if (aggregation !== undefined && result !== undefined) progress.results[0] = { ...result, aggregation }
}

/** What was found so far, statement by statement. */
class Progress {
  readonly tags: Array<string> = []
  readonly results: Array<ResultShape> = []
  readonly consequences: Array<Consequence> = []
  sessional = false
  defined = false
  unresolved: string | undefined
}

const examineOne = (context: Context, statement: ParsedStatement, names: SessionNames, progress: Progress): void => {
  const { tag, body } = statement
  if (progress.defined && tag !== "TransactionStmt" && !isDefinition(tag)) {
    raiseBlindly(context, tag)
    unresolved("what follows a definition in the same text is not understood until the definition has run")
  }
  // A cast that someone defined as implicit may run in any expression.
  if (tag !== "TransactionStmt" && !tag.startsWith("Variable")) judgeImplicitCasts(context)
  const run = explained(statement)
  progress.consequences.push(...consequencesOf(run.tag, run.body))
  if (isNamed(tag)) {
    progress.sessional = true
    const columns = examineNamed(context, statement, withPending(names, progress.consequences))
    if (columns !== undefined) addResult(context, progress, columns)
    return
  }
  const columns = examineStatement(context, statement)
  if (isDefinition(run.tag) || run.body["intoClause"] !== undefined) progress.defined = true
  if (columns === undefined) return
  addResult(context, progress, columns, tag === "CopyStmt" ? copyFormatOf(body, columns) : undefined)
}

/**
 * The catalogue as the next statement of the text will find it. Only definitions are examined in it: whether it came
 * about is known when it has run.
 */
const afterwards = (snapshot: Snapshot, statement: ParsedStatement, count: number): Snapshot => {
  const { tag, body } = explained(statement)
  if (count === 1 || (!isDefinition(tag) && body["intoClause"] === undefined)) return snapshot
  const draft = new Draft(snapshot)
  apply(draft, tag, body, queryColumns)
  return draft.seal()
}

/** What EXPLAIN explains: with ANALYZE it runs, and CREATE TABLE AS then defines. */
const explained = (statement: ParsedStatement): ParsedStatement => {
  if (statement.tag !== "ExplainStmt") return statement
  const query = statement.body["query"] as Node
  const tag = tagOf(query)!
  return { tag, body: query[tag]! }
}

/** A statement that cannot be resolved still is of some kind. */
const raiseBlindly = (context: Context, tag: string): void => {
  context.footprint.raise(tag === "SelectStmt" ? "read" : tag.startsWith("Variable") ? "session" : "unknown")
}

const addResult = (
  context: Context,
  progress: Progress,
  columns: ReadonlyArray<Column>,
  copy?: ResultShape["copy"]
): void => {
  showColumns(context, columns)
  const lineage: ReadonlyArray<Lineage> = columns.map(({ name, origin }) => {
    const source = origin.how === "copy" ? origin.sources[0] : undefined
    const type = source === undefined ? undefined : typeOfColumn(context.snapshot, source)
    return type === undefined ? { name, ...origin } : { name, ...origin, type }
  })
  progress.results.push(copy === undefined ? { columns: lineage } : { columns: lineage, copy })
}

const consequencesOf = (tag: string, body: ParsedStatement["body"]): ReadonlyArray<Consequence> => {
  switch (tag) {
    case "PrepareStmt":
      return [{ _tag: "Prepare", name: body["name"], query: body["query"] }]
    case "DeallocateStmt":
      return [{ _tag: "Deallocate", name: body["name"] }]
    case "DeclareCursorStmt":
      return [{ _tag: "Declare", name: body["portalname"], query: body["query"] }]
    case "ClosePortalStmt":
      return [{ _tag: "Close", name: body["portalname"] }]
    case "DiscardStmt":
      return body["target"] === "DISCARD_ALL" || body["target"] === "DISCARD_TEMP" ? [{ _tag: "Discard" }] : []
    case "TransactionStmt":
      return body["kind"] === "TRANS_STMT_ROLLBACK_TO" ? [{ _tag: "RollbackTo" }] : []
    default:
      return isDefinition(tag) || body["intoClause"] !== undefined
        ? [{ _tag: "Define", statement: { [tag]: body } }]
        : []
  }
}

/** Names as the session knows them, and as this text has changed them so far. */
const withPending = (names: SessionNames, pending: ReadonlyArray<Consequence>): SessionNames => ({
  prepared: (name) => latest(pending, name, "Prepare", "Deallocate", names.prepared),
  cursor: (name) => latest(pending, name, "Declare", "Close", names.cursor)
})

const latest = (
  pending: ReadonlyArray<Consequence>,
  name: string,
  gives: "Prepare" | "Declare",
  takes: "Deallocate" | "Close",
  otherwise: (name: string) => Node | undefined
): Node | undefined => {
  for (const one of pending.toReversed()) {
    if (one._tag === gives && one.name === name) return one.query
    if (one._tag === takes && (one.name === undefined || one.name === name)) return undefined
  }
  return otherwise(name)
}

const reasonOf = (error: unknown): string => {
  if (error instanceof Unresolved) return error.message
  if (error instanceof RangeError) return "the statement nests too deeply"
  return "the statement is not understood"
}

const findingOf = (footprint: Footprint, progress: Progress): Finding => {
  const finding = wholeFinding(footprint, progress)
  const excess = excessOf(finding)
  return excess === undefined ? finding : { ...unknownFinding(`${excess} is not understood`), kind: finding.kind }
}

const wholeFinding = (footprint: Footprint, progress: Progress): Finding => {
  const open = progress.unresolved !== undefined
  return {
    kind: footprint.kind,
    reads: footprint.reads,
    writes: footprint.writes,
    unresolved: progress.unresolved,
    tags: progress.tags,
    results: open ? [] : progress.results,
    uses: open ? [] : footprint.uses
  }
}
