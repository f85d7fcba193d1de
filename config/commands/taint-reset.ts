import { resetLabels } from "../../plugins/residency/index.ts"
import { type Command, configOption } from "../command.ts"
import { withState } from "../label-state.ts"

/** `sluice taint reset`: an owner's word that a label ends. */
export const taintReset: Command = {
  name: "taint reset",
  about: "end the label of a run or an agent, by an owner's recorded word",
  details: [
    "ID is what the run's claim says, or, for who comes without a run, the subject.",
    "Whoever runs this answers for it: what the run has seen, it may still know. The reset holds from the next",
    "operation on, also in a gateway that is up. What the label held stays in `sluice explain run`, and receipts",
    "that rest on the reset cite it, so that it stands in the ledger."
  ].join("\n"),
  positionals: ["ID"],
  options: {
    by: { type: "string", value: "NAME", about: "who answers for it", required: true },
    reason: { type: "string", value: "TEXT", about: "why what was seen may be forgotten", required: true },
    config: configOption
  },
  run: async (args, io) => {
    const id = args.positionals[0]!
    const [by, reason] = [args.text("by")!.trim(), args.text("reason")!.trim()]
    if (by === "" || reason === "") {
      io.err("sluice taint reset: --by and --reason must say something: they are what an auditor will read.")
      return 2
    }
    const names = await withState(
      args,
      io,
      "taint reset",
      (state) => resetLabels(state, id, { at: Date.now(), by, reason })
    )
    if (names === 2) return 2
    if (names.length === 0) {
      io.err(`sluice taint reset: nothing is known of \`${id}\`: it has seen nothing, or is called otherwise.`)
      return 1
    }
    for (const name of names) io.out(`reset ${name}`)
    return 0
  }
}
