import { type Command, configOption, jsonOption } from "../command.ts"
import { diagnoseJson } from "../diagnose.ts"
import { openFile, report } from "../open-file.ts"

/** `sluice check`: says everything that is wrong with the file, and that nothing is when nothing is. */
export const check: Command = {
  name: "check",
  about: "validate the file and plan it, without opening anything",
  details: "Reads certificates and loads the plugins that the file names; opens no socket and no ledger.\n"
    + "Exit 0 when the file can be run, 1 when not. Warnings alone do not count, unless --strict.",
  options: {
    config: configOption,
    strict: { type: "boolean", about: "treat warnings as errors" },
    json: jsonOption
  },
  run: async (args, io) => {
    const opened = await openFile(args, io)
    if (opened === 2) return 2
    const { plan, problems, found } = opened
    const good = plan !== undefined && (!args.flag("strict") || problems.length === 0)
    if (args.flag("json")) {
      const diagnostics = diagnoseJson(found.document, problems)
      io.out(
        JSON.stringify({ file: found.path, valid: good, hash: plan?.hash ?? null, problems: diagnostics }, null, 2)
      )
      return good ? 0 : 1
    }
    report(opened, io)
    if (!good) return 1
    const { pipelines, hash } = plan
    const count = `${pipelines.length} pipeline${pipelines.length === 1 ? "" : "s"}`
    io.out(
      `${found.document.file} is valid: ${count} (${pipelines.map(({ name }) => name).join(", ")}), policy ${
        hash.slice(0, 12)
      }`
    )
    return 0
  }
}
