import { resolve } from "node:path"
import { builtins } from "../builtins.ts"
import { canonical } from "../canonical.ts"
import { type Command, configOption, jsonOption } from "../command.ts"
import { ledgerFolder } from "../ledger-folder.ts"
import { asRecorded, type RecordedJudgement, recordedJudgements } from "../recorded-judgements.ts"
import type { ResidencyRoom } from "../residency.ts"

/** What came of making a receipt again. */
type Came = "same" | "different" | "missing"

/** How many that are not the same are listed. */
const LISTED_MAX = 20

/** `sluice audit rejudge DIR`: whether every recorded receipt follows from its recorded inputs and policy. */
export const auditRejudge: Command = {
  name: "audit rejudge",
  about: "make every recorded receipt again, and compare",
  details: [
    "DIR is the ledger's folder; the one that the file names, unless given. Runs the residency engine once more on the",
    "inputs and the policy that the ledger recorded. Exit 0 when every receipt comes out the same, 1 when one differs",
    "or the ledger no longer has what it was made from. Whether the ledger is true is for `audit verify`."
  ].join("\n"),
  positionals: ["[DIR]"],
  options: { config: configOption, json: jsonOption },
  run: async (args, io) => {
    const named = args.positionals[0]
    const folder = named === undefined ? await ledgerFolder(args, io, "audit rejudge") : resolve(io.directory, named)
    if (folder === 2) return 2
    const room = await builtins.residency()
    const counts: Record<Came, number> = { same: 0, different: 0, missing: 0 }
    const listed: Array<{ readonly came: Came; readonly seq: number; readonly session: string }> = []
    try {
      for (const judgement of recordedJudgements(folder)) {
        const came = again(room, judgement)
        counts[came]++
        const { seq, session } = judgement
        if (came !== "same" && listed.length < LISTED_MAX) listed.push({ came, seq, session })
      }
    } catch (error) {
      io.err(`sluice audit rejudge: ${folder} cannot be read: ${(error as Error).message}`)
      return 2
    }
    if (args.flag("json")) io.out(JSON.stringify({ ...counts, listed }, null, 2))
    else {
      io.out(
        `${counts.same} receipts made again, ${counts.different} different, ${counts.missing} without their inputs`
      )
      for (const { came, seq, session } of listed) io.out(`${came}  record ${seq}, session ${session}`)
    }
    return counts.different + counts.missing === 0 ? 0 : 1
  }
}

const again = (room: ResidencyRoom, { inputs, policy, receipt, refused }: RecordedJudgement): Came => {
  if (inputs === undefined || policy === undefined) return "missing"
  const fresh = room.rejudge(policy, inputs)
  if (fresh === undefined) return "different"
  return canonical(asRecorded(fresh, refused)) === canonical(receipt) ? "same" : "different"
}
