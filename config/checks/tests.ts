import { existsSync } from "node:fs"
import { nearest } from "../nearest.ts"
import { error, type Path, type Problem } from "../problem.ts"
import { type Step, stepsOf } from "../schema/index.ts"
import { absolute } from "../site.ts"
import type { Draft } from "./index.ts"

/** Whether the file's tests ask pipelines, times and definitions that exist. */
export const checkTests = (draft: Draft): ReadonlyArray<Problem> => {
  const { file } = draft
  const problems: Array<Problem> = [...schemaFile(draft, ["tests_schema"], file.tests_schema)]
  const names = new Set<string>()
  for (const [index, test] of file.tests.entries()) {
    const at = ["tests", index]
    if (names.has(test.name)) {
      problems.push(
        error([...at, "name"], `two tests are called \`${test.name}\``, undefined, "give each a name of its own")
      )
    }
    names.add(test.name)
    for (const [number, step] of stepsOf(test).entries()) {
      problems.push(...checkStep(draft, test.steps === undefined ? at : [...at, "steps", number], step))
    }
  }
  return problems
}

const checkStep = (draft: Draft, at: Path, step: Step): ReadonlyArray<Problem> => {
  const { file, plan } = draft
  const problems: Array<Problem> = []
  if (!Object.hasOwn(file.pipelines, step.pipeline)) {
    const meant = nearest(step.pipeline, Object.keys(file.pipelines))
    const remedy = meant === undefined
      ? `there are: ${Object.keys(file.pipelines).join(", ")}`
      : `did you mean \`${meant}\`?`
    problems.push(error([...at, "pipeline"], `there is no pipeline \`${step.pipeline}\``, undefined, remedy))
  }
  if (step.at !== undefined && Number.isNaN(Date.parse(step.at))) {
    problems.push(
      error([...at, "at"], `\`${step.at}\` is no time`, undefined, "write it as 2027-06-30 or 2027-06-30T12:00:00Z")
    )
  }
  const { issuers } = plan.policy
  if (issuers.length > 1 && step.as.issuer === undefined) {
    const what = "the test names no issuer, and several are trusted"
    problems.push(
      error([...at, "as"], what, "it is not known whose caller this is", `add \`issuer:\`: ${issuers.join(", ")}`)
    )
  }
  return [...problems, ...schemaFile(draft, [...at, "schema"], step.schema)]
}

const schemaFile = ({ directory }: Draft, path: Path, named: string | undefined): ReadonlyArray<Problem> =>
  named === undefined || existsSync(absolute(directory, named))
    ? []
    : [
      error(path, `there is no file ${absolute(directory, named)}`, "names in the tests cannot be resolved without it")
    ]
