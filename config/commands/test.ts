import * as Effect from "effect/Effect"
import { type Command, configOption, jsonOption } from "../command.ts"
import { openFile, report } from "../open-file.ts"
import { absolute } from "../site.ts"
import { runTests } from "../tests.ts"

/** `sluice test`: whether the policy answers as the operator expects. */
export const test: Command = {
  name: "test",
  about: "run the file's own tests",
  details: "Each entry under `tests:` is asked of its pipeline in memory, as `sluice explain` would.\n"
    + "Names are resolved in a file of definitions, or, when none is named, in the live upstream.",
  options: {
    schema: { type: "string", value: "FILE", about: "definitions (DDL) to resolve names in, instead of the upstream" },
    config: configOption,
    json: jsonOption
  },
  run: async (args, io) => {
    const opened = await openFile(args, io)
    if (opened === 2) return 2
    const { plan, file, found } = opened
    if (plan === undefined || file === undefined) {
      report(opened, io)
      return 1
    }
    const named = args.text("schema")
    const schema = named === undefined ? undefined : absolute(io.directory, named)
    const results = await Effect.runPromise(runTests(plan, file, found.directory, schema, Date.now()))
    const failed = results.filter(({ passed }) => !passed).length
    if (args.flag("json")) {
      io.out(JSON.stringify({ passed: results.length - failed, failed, tests: results }, null, 2))
      return failed === 0 ? 0 : 1
    }
    const paint = (code: number, text: string): string => io.colour.out ? `\u001b[${code}m${text}\u001b[0m` : text
    for (const { name, passed, reasons } of results) {
      io.out(`${passed ? paint(32, "passed") : paint(31, "failed")}  ${name}`)
      for (const reason of reasons) io.out(`        ${reason}`)
    }
    io.out(`${results.length - failed} passed, ${failed} failed`)
    return failed === 0 ? 0 : 1
  }
}
