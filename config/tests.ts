import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Plan } from "../core/gateway/index.ts"
import type { PluginError } from "../core/index.ts"
import { openRehearsal, type Rehearsal, type Rehearsed } from "./rehearsal.ts"
import type { Expectation, File } from "./schema/index.ts"
import { absolute } from "./site.ts"

/** How one of the file's tests came out. */
export interface TestResult {
  readonly name: string
  readonly passed: boolean
  /** What differs: one line each. */
  readonly reasons: ReadonlyArray<string>
}

/**
 * Runs the file's tests, in their order. Names are resolved in the test's own `schema`, else in `schema`, else in the
 * file's `tests_schema`, else in the live upstream.
 */
export const runTests = (
  plan: Plan,
  file: File,
  directory: string,
  schema: string | undefined,
  now: number
): Effect.Effect<ReadonlyArray<TestResult>> => {
  const rehearsals = new Map<string, Rehearsal>()
  const rehearsalOf = (test: Expectation): Effect.Effect<Rehearsal, PluginError, Scope.Scope> => {
    const shared = file.tests_schema === undefined ? undefined : absolute(directory, file.tests_schema)
    const definitions = test.schema === undefined ? schema ?? shared : absolute(directory, test.schema)
    const key = JSON.stringify([test.pipeline, definitions])
    const open = rehearsals.get(key)
    if (open !== undefined) return Effect.succeed(open)
    const pipeline = plan.pipelines.find(({ name }) => name === test.pipeline)!
    return Effect.tap(
      openRehearsal(plan, pipeline, definitions),
      (opened) => Effect.sync(() => rehearsals.set(key, opened))
    )
  }
  const run = (test: Expectation): Effect.Effect<TestResult, never, Scope.Scope> =>
    rehearsalOf(test).pipe(
      Effect.flatMap(({ answer }) =>
        answer({ as: test.as, ask: test.ask, at: test.at === undefined ? now : Date.parse(test.at) })
      ),
      Effect.map((answer) => differences(test.expect, answer)),
      Effect.catch((error) => Effect.succeed([`it could not be run: ${error.message}`])),
      Effect.map((reasons) => ({ name: test.name, passed: reasons.length === 0, reasons }))
    )
  return Effect.scoped(Effect.forEach(file.tests, run))
}

/** What was expected and did not come out. */
export const differences = (expect: Expectation["expect"], answer: Rehearsed): ReadonlyArray<string> => {
  const reasons: Array<string> = []
  const same = (what: string, wanted: string | undefined, came: string | undefined): void => {
    if (wanted !== undefined && wanted !== came) reasons.push(`${what}: expected ${wanted}, got ${came ?? "none"}`)
  }
  same("decision", expect.decision, answer.decision)
  same("outcome", expect.outcome, answer.outcome)
  if (expect.code !== undefined && expect.code !== answer.receipt?.code) same("code", expect.code, answer.code)
  const cited = new Set(answer.receipt?.checks.flatMap(({ cites }) => cites === undefined ? [] : [cites]))
  for (const wanted of typeof expect.cites === "string" ? [expect.cites] : expect.cites ?? []) {
    if (!cited.has(wanted)) reasons.push(`cites: expected ${wanted}, got ${[...cited].join(", ") || "none"}`)
  }
  const obligations = [...new Set(answer.receipt?.obligations.map(({ obligation }) => obligation))].toSorted().join(
    ", "
  )
  const wanted = expect.obligations === undefined ? undefined : [...new Set(expect.obligations)].toSorted().join(", ")
  if (wanted !== undefined && wanted !== obligations) {
    reasons.push(`obligations: expected ${wanted || "none"}, got ${obligations || "none"}`)
  }
  if (reasons.length > 0 && answer.message !== undefined) reasons.push(answer.message)
  return reasons
}
