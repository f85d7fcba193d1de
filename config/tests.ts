import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Plan } from "../core/gateway/index.ts"
import type { PluginError, State } from "../core/index.ts"
import { memoryState } from "../plugins/residency/index.ts"
import { openRehearsal, type Rehearsal, type Rehearsed } from "./rehearsal.ts"
import { type Expectation, type File, type Step, stepsOf } from "./schema/index.ts"
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
  const rehearsalOf = (test: Step): Effect.Effect<Rehearsal, PluginError, Scope.Scope> => {
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
  const runStep = (step: Step, number: number, state: State["Service"]) =>
    rehearsalOf(step).pipe(
      Effect.flatMap(({ answer }) =>
        answer(
          { as: step.as, ask: step.ask, at: step.at === undefined ? now : Date.parse(step.at), step: number },
          state
        )
      ),
      Effect.map((answer) => differences(step.expect, answer)),
      Effect.catch((error) => Effect.succeed([`it could not be run: ${error.message}`]))
    )
  const run = (test: Expectation): Effect.Effect<TestResult, never, Scope.Scope> => {
    // What one step lets a run see, the next ones know; no test knows of another.
    const state = memoryState()
    const steps = stepsOf(test)
    const said = (number: number, reason: string): string => steps.length === 1 ? reason : `step ${number}: ${reason}`
    return Effect.forEach(
      steps,
      (step, index) =>
        Effect.map(runStep(step, index + 1, state), (reasons) => reasons.map((reason) => said(index + 1, reason)))
    ).pipe(
      Effect.map((reasons) => ({ name: test.name, passed: reasons.flat().length === 0, reasons: reasons.flat() }))
    )
  }
  return Effect.scoped(Effect.forEach(file.tests, run))
}

/** What was expected and did not come out. */
export const differences = (expect: Step["expect"], answer: Rehearsed): ReadonlyArray<string> => {
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
