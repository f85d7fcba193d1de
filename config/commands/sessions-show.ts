import { readSession } from "../../plugins/services/ledger/index.ts"
import { type Command, configOption, jsonOption } from "../command.ts"
import { ledgerFolder, ledgerOption } from "../ledger-folder.ts"
import { transcript } from "../transcript.ts"

/** `sluice sessions show ID`: everything that was recorded of one session. */
export const sessionsShow: Command = {
  name: "sessions show",
  about: "show what happened in a recorded session",
  details: "With --json: the records as they lie in the ledger, one a line.",
  positionals: ["ID"],
  options: { ledger: ledgerOption, config: configOption, json: jsonOption },
  run: async (args, io) => {
    const folder = await ledgerFolder(args, io, "sessions show")
    if (folder === 2) return 2
    let records = 0
    for (const record of readSession(folder, args.positionals[0]!)) {
      io.out(args.flag("json") ? JSON.stringify(record) : transcript(record))
      records++
    }
    if (records > 0) return 0
    io.err(`sluice sessions show: the ledger has no session ${args.positionals[0]}. See \`sluice sessions list\`.`)
    return 1
  }
}
