import type { PolicyDocument } from "../../core/plugin/index.ts"
import { builtins } from "../builtins.ts"
import { type Arguments, type Command, configOption, jsonOption, misuseOf, type Surroundings } from "../command.ts"
import { diagnoseAll } from "../diagnose.ts"
import { discover } from "../discover.ts"
import { ledgerFolder, ledgerOption } from "../ledger-folder.ts"
import { readMoment } from "../moment.ts"
import { planFile } from "../plan.ts"
import { type Progress, progressBar } from "../progress.ts"
import { type RecordedJudgement, recordedJudgements } from "../recorded-judgements.ts"
import { runSimulation, type Simulation } from "../simulation.ts"
import { simulationText } from "../simulation-text.ts"

/** `sluice simulate --policy NEW --since T`: the past, judged by another file. */
export const simulate: Command = {
  name: "simulate",
  about: "judge recorded operations under another file, and show what would change",
  details: [
    "Runs the residency engine on what the ledger recorded of each operation, under the policy of NEW as if it were",
    "enforced, at the operation's own time. Against a shadow's ledger this is what enforcing would cost. Other plugins",
    "are not asked: what masking refused stays refused. Exit 0 when nothing would change, 1 when something would."
  ].join("\n"),
  options: {
    policy: { type: "string", value: "NEW", about: "the file to judge by", required: true },
    since: { type: "string", value: "TIME", about: "from when on: 30d, 12h, or ISO 8601", required: true },
    until: { type: "string", value: "TIME", about: "up to when; now, unless given" },
    pipeline: { type: "string", value: "NAME", about: "only this pipeline" },
    ledger: ledgerOption,
    config: configOption,
    json: jsonOption
  },
  run: async (args, io) => {
    const now = Date.now()
    const since = readMoment(args.text("since")!, now)
    const until = args.text("until") === undefined ? now : readMoment(args.text("until")!, now)
    if (since === undefined || until === undefined) {
      const wrong = since === undefined ? args.text("since") : args.text("until")
      return misuse(io, `\`${wrong}\` is no time. Write it as 30d, 12h, 2027-06-30 or 2027-06-30T12:00:00Z.`)
    }
    const policy = await policyOf(args, io)
    if (policy === 2) return 2
    const folder = await ledgerFolder(args, io, "simulate")
    if (folder === 2) return 2
    const room = await builtins.residency()
    const bar = progressBar(io, "judging again")
    let simulation: Simulation
    try {
      const within = chosen(recordedJudgements(folder), { since, until, pipeline: args.text("pipeline") }, bar)
      simulation = runSimulation(room, policy, within)
    } catch (error) {
      return misuse(io, `${folder} cannot be read: ${(error as Error).message}`)
    } finally {
      bar.end()
    }
    if (args.flag("json")) {
      const span = { since: new Date(since).toISOString(), until: new Date(until).toISOString(), policy: policy.hash }
      io.out(JSON.stringify({ ...span, ...simulation }, null, 2))
    } else io.out(simulationText(simulation, policy.hash, io.colour.out))
    return simulation.changes.length === 0 ? 0 : 1
  }
}

const misuse = misuseOf("simulate")

const policyOf = async (args: Arguments, io: Surroundings): Promise<PolicyDocument | 2> => {
  const found = await discover(io.directory, args.text("policy"))
  if ("_tag" in found) return misuse(io, found.message)
  const { plan, problems } = await planFile(found, builtins)
  if (plan === undefined) {
    io.err(diagnoseAll(found.document, problems, { colour: io.colour.err }))
    return 2
  }
  if (plan.policy.residency === undefined) {
    return misuse(io, `${found.document.file} has no \`residency:\`: there is nothing to judge by.`)
  }
  return plan.policy
}

interface Span {
  readonly since: number
  readonly until: number
  readonly pipeline: string | undefined
}

function* chosen(all: Iterable<RecordedJudgement>, { pipeline, since, until }: Span, bar: Progress) {
  for (const one of all) {
    const at = Date.parse(one.at)
    if (at < since || at > until) continue
    bar.show((at - since) / Math.max(1, until - since))
    if (pipeline === undefined || one.inputs?.["pipeline"] === pipeline) yield one
  }
}
