import { existsSync } from "node:fs"
import { nearest } from "../nearest.ts"
import { error, type Problem } from "../problem.ts"
import { absolute } from "../site.ts"
import type { Draft } from "./index.ts"

/** Whether the file's tests ask pipelines, times and definitions that exist. */
export const checkTests = ({ file, plan, directory }: Draft): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  const schemaFile = (path: Problem["path"], named: string | undefined): void => {
    if (named === undefined || existsSync(absolute(directory, named))) return
    problems.push(
      error(path, `there is no file ${absolute(directory, named)}`, "names in the tests cannot be resolved without it")
    )
  }
  schemaFile(["tests_schema"], file.tests_schema)
  const names = new Map<string, number>()
  for (const [index, test] of file.tests.entries()) {
    const at = ["tests", index]
    if (!Object.hasOwn(file.pipelines, test.pipeline)) {
      const meant = nearest(test.pipeline, Object.keys(file.pipelines))
      const remedy = meant === undefined
        ? `there are: ${Object.keys(file.pipelines).join(", ")}`
        : `did you mean \`${meant}\`?`
      problems.push(error([...at, "pipeline"], `there is no pipeline \`${test.pipeline}\``, undefined, remedy))
    }
    if (test.at !== undefined && Number.isNaN(Date.parse(test.at))) {
      problems.push(
        error([...at, "at"], `\`${test.at}\` is no time`, undefined, "write it as 2027-06-30 or 2027-06-30T12:00:00Z")
      )
    }
    if (names.has(test.name)) {
      problems.push(
        error([...at, "name"], `two tests are called \`${test.name}\``, undefined, "give each a name of its own")
      )
    }
    names.set(test.name, index)
    schemaFile([...at, "schema"], test.schema)
    const several = plan.policy.issuers.length > 1
    if (several && test.as.issuer === undefined) {
      const what = "the test names no issuer, and several are trusted"
      problems.push(
        error(
          [...at, "as"],
          what,
          "it is not known whose caller this is",
          `add \`issuer:\`: ${plan.policy.issuers.join(", ")}`
        )
      )
    }
  }
  return problems
}
