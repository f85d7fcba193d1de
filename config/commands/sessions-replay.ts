import { setTimeout as sleep } from "node:timers/promises"
import { readSession } from "../../plugins/services/ledger/index.ts"
import { type Command, configOption } from "../command.ts"
import { ledgerFolder, ledgerOption } from "../ledger-folder.ts"
import { transcript } from "../transcript.ts"

/** `sluice sessions replay ID`: the same, with its own timing. */
export const sessionsReplay: Command = {
  name: "sessions replay",
  about: "replay a recorded session with its own timing",
  details:
    "Shows statements and answers as the client saw them, when they came. Pauses are cut to --pause-max seconds.",
  positionals: ["ID"],
  options: {
    speed: { type: "string", value: "FACTOR", about: "how many times as fast; 0 waits for nothing (1)" },
    "pause-max": { type: "string", value: "SECONDS", about: "the longest pause (2)" },
    ledger: ledgerOption,
    config: configOption
  },
  run: async (args, io) => {
    const speed = Number(args.text("speed") ?? "1")
    const longest = Number(args.text("pause-max") ?? "2") * 1000
    if (!(speed >= 0) || !(longest >= 0)) {
      io.err("sluice sessions replay: --speed and --pause-max are numbers from 0 up.")
      return 2
    }
    const folder = await ledgerFolder(args, io, "sessions replay")
    if (folder === 2) return 2
    let before: number | undefined
    for (const record of readSession(folder, args.positionals[0]!)) {
      const at = record.us / 1000
      const pause = before === undefined || speed === 0 ? 0 : Math.min((at - before) / speed, longest)
      if (pause > 1) await sleep(pause)
      before = at
      io.out(transcript(record))
    }
    if (before !== undefined) return 0
    io.err(`sluice sessions replay: the ledger has no session ${args.positionals[0]}. See \`sluice sessions list\`.`)
    return 1
  }
}
