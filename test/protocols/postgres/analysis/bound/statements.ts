// Statements, in a process that has just started: for the first, nothing is compiled; for none, anything is known.
// Says of each how long the longest turn of the thread took, in milliseconds of the processor.
import * as Effect from "effect/Effect"
import type { Exchange, Hold, Session } from "../../../../../core/exchange/index.ts"
import type { Sql, Statement, Unprojected } from "../../../../../core/family/sql/index.ts"
import { declaredSnapshot } from "../../../../../protocols/postgres/analysis/catalogue/declared.ts"
import { loadParser } from "../../../../../protocols/postgres/analysis/parse/parser.ts"
import { usualBounds } from "../../../../../protocols/postgres/analysis/session/bounds.ts"
import { LargeTexts } from "../../../../../protocols/postgres/analysis/session/large-texts.ts"
import { SessionAnalyser } from "../../../../../protocols/postgres/analysis/session/session-analyser.ts"
import { Shared } from "../../../../../protocols/postgres/analysis/session/shared.ts"
import { warm } from "../../../../../protocols/postgres/analysis/warm.ts"
import { AskedStatement } from "../../../../../protocols/postgres/statement.ts"
import { definitions, hidden, nasty } from "./nasty.ts"
import { Turns } from "./turns.ts"

const [variant, ...names] = process.argv.slice(2)
const endless = { charactersMax: Infinity, examineSteps: Infinity, rewriteSteps: Infinity, turnSteps: Infinity }

const session: Session = {
  id: "s",
  pipeline: "p",
  peer: { address: "::1", port: 1, encrypted: false },
  now: () => 0
}

const settled = async (answer: Statement | Hold<Statement>): Promise<Statement> =>
  "_tag" in answer ? Effect.runPromise(answer.until) : answer

const rewritten = async (statement: Statement): Promise<Statement | Unprojected | undefined> => {
  const answer = statement.project?.({ mask: ({ column }) => hidden.has(column) ? "***" : undefined })
  return answer !== undefined && "_tag" in answer && answer._tag === "Later"
    ? answer.answer(new AbortController().signal)
    : answer
}

await Effect.runPromise(loadParser)
warm()
const snapshot = declaredSnapshot(definitions.join(";"))
const large = new LargeTexts()
const source = {
  fresh: () => snapshot,
  refreshed: Effect.succeed(snapshot),
  moved: () => {},
  live: true,
  major: 18,
  settings: new Map<string, string>()
}
const bounds = variant === "endless" ? endless : usualBounds

const examined = async (text: string): Promise<number> => {
  const analyser = new SessionAnalyser(source, new Shared(large, bounds), "::1")
  await new Promise((resolve) => setTimeout(resolve, 5))
  const turns = new Turns()
  const operation = new AskedStatement(text, "simple")
  const exchange: Exchange<Sql> = { id: 1, session, operation, asked: operation }
  const statement = await settled(analyser.analyse(exchange))
  const projected = statement.resolved ? await rewritten(statement) : undefined
  if (projected !== undefined && !("_tag" in projected)) {
    await settled(analyser.analyse({ ...exchange, operation: projected }))
  }
  analyser.settle(exchange, { result: "completed", rows: 0, bytes: 0 })
  analyser.ready("idle")
  // What comes next finds what this one has left.
  const next = new AskedStatement("select 1 from people", "simple")
  await settled(analyser.analyse({ ...exchange, id: 2, operation: next }))
  turns.stop()
  return turns.note()
}

for (const name of names) console.log(JSON.stringify([name, await examined(nasty[name]!)]))
await large.close()
