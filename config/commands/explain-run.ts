import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { readStories } from "../../plugins/residency/index.ts"
import { type Command, configOption, jsonOption } from "../command.ts"
import { withState } from "../label-state.ts"
import { ledgerOption } from "../ledger-folder.ts"
import { runEvents } from "../run-events.ts"
import { runTree } from "../run-tree.ts"

/** `sluice explain run`: how the label of a run came to be. */
export const explainRun: Command = {
  name: "explain run",
  about: "show what a run has seen, when and by which way, and what that keeps it from",
  details: [
    "ID is what the run's claim says, or, for who comes without a run, the subject.",
    "Reads the state that the file names, and, where it is there, the ledger: who asked what."
  ].join("\n"),
  positionals: ["ID"],
  options: { ledger: ledgerOption, config: configOption, json: jsonOption },
  run: async (args, io) => {
    const id = args.positionals[0]!
    const done = await withState(
      args,
      io,
      "explain run",
      (state, opened) => Effect.map(readStories(state, id, opened.plan?.policy), (stories) => ({ stories, opened }))
    )
    if (done === 2) return 2
    const { opened, stories } = done
    if (stories.length === 0) {
      io.err(`sluice explain run: nothing is known of \`${id}\`: it has seen nothing, or is called otherwise.`)
      return 1
    }
    const named = opened.parts.list.find(({ kind, use }) => kind === "service" && use === "files")?.config
    const folder = args.text("ledger") === undefined
      ? resolve(opened.found.directory, (named as { directory?: string } | undefined)?.directory ?? "ledger")
      : resolve(io.directory, args.text("ledger")!)
    const events = existsSync(folder) ? runEvents(folder, stories) : new Map()
    if (args.flag("json")) {
      io.out(JSON.stringify({ labels: stories, events: Object.fromEntries(events) }, null, 2))
    } else io.out(stories.map((story) => runTree(story, events)).join("\n\n"))
    return 0
  }
}
